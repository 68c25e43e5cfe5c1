import { type Source, unreadable } from './source.ts';

/** A word of a filter, with the place where it begins. */
export interface Token {
  /**
   * `path`: names joined by dots, each bare or quoted; `text`: one quoted string; `sign`: a comparator of signs;
   * `mark`: a bracket or a comma.
   */
  readonly kind: 'path' | 'text' | 'number' | 'sign' | 'mark' | 'end';
  /** As written. */
  readonly raw: string;
  readonly position: number;
  /** Contents of the names of a path, and of a quoted string; without quotes. */
  readonly parts: readonly string[];
}

const SPACE = /\s+/y;
const NUMBER = /-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?(?![\p{L}\p{N}_.`"'])/iuy;
const NAME = /[\p{L}\p{N}_]+/uy;
const LOOSE_NAME = /[\p{L}\p{N}_]+(?:[/-]+[\p{L}\p{N}_]+)*/uy;
const SIGN = /[<>=!~]+/y;
const QUOTES = '`"\'';
const NONE: readonly string[] = [];

/**
 * Splits a source into words, one after the other; the last one is of kind `end`.
 *
 * Quoted names and strings are taken as they are, without escapes: of `'a\'`, the backslash is the last character, and
 * two quotes in a row stand for themselves, as in MLflow.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a quote that is not closed, or a character that means nothing.
 */
export function* readTokens(source: Source): Generator<Token, void> {
  const { text } = source;
  if (text.includes('\0')) {
    throw unreadable(
      source,
      text.indexOf('\0'),
      'there is a NUL character, which databases do not keep; remove it',
    );
  }
  let position = skip(SPACE, text, 0);
  while (position < text.length) {
    const token = readToken(source, position);
    yield token;
    position = skip(SPACE, text, position + token.raw.length);
  }
  yield { kind: 'end', raw: '', position, parts: NONE };
}

function readToken(source: Source, position: number): Token {
  const { text } = source;
  const token = (kind: Token['kind'], end: number): Token => {
    return { kind, raw: text.slice(position, end), position, parts: NONE };
  };
  const numberEnd = skip(NUMBER, text, position);
  if (numberEnd > position) return token('number', numberEnd);
  const signEnd = skip(SIGN, text, position);
  if (signEnd > position) return token('sign', signEnd);
  if ('(),'.includes(text[position] as string)) return token('mark', position + 1);
  return readPath(source, position);
}

function readPath(source: Source, position: number): Token {
  const { text } = source;
  const bare = source.hasLooseNames ? LOOSE_NAME : NAME;
  const parts: string[] = [];
  let end = position;
  for (;;) {
    const partEnd = QUOTES.includes(text[end] ?? ' ') ? endOfQuoted(source, end) : skip(bare, text, end);
    if (partEnd === end) throw unreadable(source, end, meaningless(text, end, position));
    parts.push(QUOTES.includes(text[end] as string) ? text.slice(end + 1, partEnd - 1) : text.slice(end, partEnd));
    end = partEnd;
    const isString = parts.length === 1 && (text[position] === "'" || text[position] === '"');
    if (text[end] !== '.' || (isString && text[position] === "'")) {
      return { kind: isString ? 'text' : 'path', raw: text.slice(position, end), position, parts };
    }
    end += 1;
  }
}

function endOfQuoted(source: Source, start: number): number {
  const { text } = source;
  const mark = text[start] as string;
  for (let end = start + 1; ; end += 2) {
    end = text.indexOf(mark, end);
    if (end === -1) throw unreadable(source, start, `the quote ${mark} is not closed; close it`);
    if (text[end + 1] !== mark) return end + 1;
  }
}

function meaningless(text: string, at: number, start: number): string {
  const found =
    at === text.length ? 'the end of the text' : JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0));
  if (at > start)
    return `${found} cannot follow the dot; write a name there, in back-ticks unless it is one of letters`;
  const isInKey = start > 0 && !/[\s(),<>=!~]/.test(text[start - 1] as string);
  if (isInKey) return `${found} cannot be part of a bare key; put the key into back-ticks, as tags.\`my-key\``;
  return `${found} means nothing here; write conditions as key = 'value', joined by AND`;
}

function skip(pattern: RegExp, text: string, position: number): number {
  pattern.lastIndex = position;
  return pattern.test(text) ? pattern.lastIndex : position;
}
