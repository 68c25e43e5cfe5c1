import type { AutologError } from '../../errors.ts';
import { quote, type Source, unreadable } from './source.ts';
import { readTokens, type Token } from './tokens.ts';

/** Goes through the words of a source. */
export class Cursor {
  readonly source: Source;
  readonly #tokens: Generator<Token, void>;
  #current: Token;

  constructor(source: Source) {
    this.source = source;
    this.#tokens = readTokens(source);
    this.#current = this.#read();
  }

  /** The word that comes next. */
  get current(): Token {
    return this.#current;
  }

  /** Returns the word that comes next, and passes it. */
  next(): Token {
    const token = this.#current;
    this.#current = this.#read();
    return token;
  }

  /** Passes the next word when it is this bare one, in any case, or this sign. */
  skip(word: string): boolean {
    const isThere = this.#current.kind !== 'text' && this.#current.raw.toUpperCase() === word;
    if (isThere) this.next();
    return isThere;
  }

  /** The error for a word that cannot be read; the reason ends with what to write instead. */
  error(token: Token, reason: string): AutologError {
    return unreadable(this.source, token.position, reason);
  }

  #read(): Token {
    // The last word is of kind `end`, and nothing passes it.
    return this.#tokens.next().value ?? this.#current;
  }
}

/** Names a word in a message. */
export function describe(token: Token): string {
  return token.kind === 'end' ? 'the end of the text' : quote(token.raw);
}
