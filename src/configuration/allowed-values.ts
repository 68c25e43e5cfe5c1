/**
 * What an option may be: each member is a value itself, or `Boolean`, `Number`, `String`, `Array` (of strings) or `Object`
 * for all values of that type. An empty list allows everything.
 */
export type AllowedValues = readonly unknown[];

/** Options with what each may be. */
export type OptionSchema = Readonly<Record<string, AllowedValues>>;

const TYPES: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [Boolean, 'true or false'],
  [Number, 'a number'],
  [String, 'a text'],
  [Array, 'a list of names'],
  [Object, 'an object of names and values'],
]);

const WORDS: ReadonlyMap<string, boolean> = new Map([
  ...['true', '1', 'yes', 'on'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'off'].map((word) => [word, false] as const),
]);

/** What an option may be whose default is known, and nothing else of it. */
export function allowedByDefault(value: unknown): AllowedValues {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return [Array];
  const type = { boolean: Boolean, number: Number, string: String, object: Object }[typeof value as string];
  return type === undefined ? [] : [type];
}

/** Tells whether an option may be set to a value. */
export function isAllowed(value: unknown, allowed: AllowedValues): boolean {
  return (
    allowed.length === 0 || allowed.some((each) => (TYPES.has(each) ? isOfType(value, each) : value === each))
  );
}

/** Reads the text of an environment variable; undefined for one that is not allowed. */
export function parseText(text: string, allowed: AllowedValues): { readonly value: unknown } | undefined {
  if (allowed.length === 0) return { value: parseJson(text) ?? text };
  for (const each of allowed) {
    const value = TYPES.has(each) ? parseAs(text, each) : parseLiteral(text, each);
    if (value !== undefined) return { value };
  }
  return undefined;
}

/** Says what an option may be: "'auto', a number or null". */
export function describeAllowed(allowed: AllowedValues): string {
  const names = allowed.map((each) => TYPES.get(each) ?? (typeof each === 'string' ? `'${each}'` : String(each)));
  return names.length < 2 ? (names[0] ?? 'anything') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

function isOfType(value: unknown, type: unknown): boolean {
  if (type === Array) return Array.isArray(value) && value.every((each) => typeof each === 'string');
  if (type === Object) return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === Number) return typeof value === 'number' && !Number.isNaN(value);
  return typeof value === (type === Boolean ? 'boolean' : 'string');
}

function parseAs(text: string, type: unknown): unknown {
  if (type === Boolean) return WORDS.get(text.trim().toLowerCase());
  if (type === Number) return text.trim() === '' || Number.isNaN(Number(text)) ? undefined : Number(text);
  if (type === Array) return listOf(text);
  return type === Object ? parsePairs(text) : text;
}

/** `null` is written so, or as `none`; a single boolean as other booleans are. */
function parseLiteral(text: string, literal: unknown): unknown {
  if (literal === null) return /^\s*(null|none)\s*$/i.test(text) ? null : undefined;
  if (typeof literal === 'boolean') return WORDS.get(text.trim().toLowerCase()) === literal ? literal : undefined;
  return text.trim() === String(literal) ? literal : undefined;
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** An object as JSON, or as `name=value,name=value`. */
function parsePairs(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text.trim().startsWith('{')) return parseJson(text) as Readonly<Record<string, unknown>> | undefined;
  const pairs = listOf(text).map((part) => /^([^=]+?)\s*=\s*(.*)$/s.exec(part));
  if (pairs.includes(null)) return undefined;
  return Object.fromEntries(pairs.map((pair) => [pair?.[1], pair?.[2]]));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // SyntaxError: it is no JSON, which its reader says in words of its own.
    return undefined;
  }
}
