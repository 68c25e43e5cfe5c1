import { invalidParameter } from '../errors.ts';

/** Cuts text to so many characters, never through one. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  if (!SURROGATE.test(text.slice(0, 2 * limit))) return text.slice(0, limit);
  return Array.from(text.slice(0, 2 * limit))
    .slice(0, limit)
    .join('');
}

/**
 * Checks the value of a param or tag and returns what is stored of it: no more characters than the limit, unless
 * MLFLOW_TRUNCATE_LONG_VALUES is false, and well-formed.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function limitValue(what: string, value: string, limit: number): string {
  if (typeof value !== 'string') {
    throw invalidParameter(`Cannot log the ${what}: its value is no string; pass a string.`);
  }
  const cut = cutText(value, limit);
  if (cut.length === value.length || truncatesLongValues()) return cut.toWellFormed();
  throw invalidParameter(
    `Cannot log the ${what}: its value exceeds the maximum length of ${limit} characters; shorten it or set MLFLOW_TRUNCATE_LONG_VALUES=true.`,
  );
}

/**
 * Checks that something is text of at most so many characters; `what` begins the message.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function checkLength(what: string, text: string, limit: number): void {
  if (typeof text !== 'string') throw invalidParameter(`${what} is no string; pass a string.`);
  if (text.length <= limit || cutText(text, limit).length === text.length) return;
  throw invalidParameter(`${what} exceeds the maximum length of ${limit} characters; shorten it.`);
}

/** Shows a value in a message: not all of a long text, and objects by that word. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 300)}'`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

const SURROGATE = /[\ud800-\udfff]/;

function truncatesLongValues(): boolean {
  return !['false', '0'].includes(process.env.MLFLOW_TRUNCATE_LONG_VALUES?.toLowerCase() ?? 'true');
}
