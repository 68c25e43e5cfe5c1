import { invalidParameter } from '../errors.ts';
import { nearestName } from '../nearest-name.ts';

/**
 * Checks text that the program passes: an id, a name, a path.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no string, or empty.
 */
export function requireText(what: string, value: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw invalidParameter(`Cannot use ${showArgument(value)} as ${what}: pass a string that is not empty.`);
}

/**
 * Checks options that the program passes; `form` shows an example.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no object.
 */
export function requireOptions(attempt: string, options: object, form: string): void {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return;
  throw invalidParameter(`${attempt}: its options are ${showArgument(options)}; pass ${form}, say.`);
}

/**
 * Checks the names of options that the program passes: one that nobody reads would change what is meant, quietly.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a name that is not among the known ones.
 */
export function requireKnownOptions(attempt: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, known) ?? known.find((name) => isPart(unknown, name));
  const hint = nearest === undefined ? `there are ${known.join(', ')}` : `write '${nearest}'`;
  throw invalidParameter(`${attempt}: there is no option '${unknown}'; ${hint}.`);
}

/** As "filter" of "filterString", or "name" of "runName". */
function isPart(unknown: string, name: string): boolean {
  const [given, known] = [unknown.toLowerCase(), name.toLowerCase()];
  return given.startsWith(known) || (given.length > 2 && known.endsWith(given));
}

/**
 * Checks a list that the program passes.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no array.
 */
export function requireList(attempt: string, list: readonly unknown[]): void {
  if (Array.isArray(list)) return;
  throw invalidParameter(`${attempt}: found ${showArgument(list)}; pass an array.`);
}

function showArgument(value: unknown): string {
  if (value === '') return 'an empty string';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
