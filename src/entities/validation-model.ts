import { invalidParameter } from '../errors.ts';
import { validateParam } from './validation-run.ts';
import { checkLength, showValue } from './validation-text.ts';

/** Width of the columns. */
const MAX_TAG_KEY = 255;

/**
 * Checks the name of a logged model.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateLoggedModelName(name: string): void {
  if (typeof name === 'string' && name !== '' && !/[/:.%"']/.test(name)) return;
  throw invalidParameter(
    `Invalid model name ${showValue(name)}: it must not be empty nor hold / : . % " or '; rename it.`,
  );
}

/**
 * Checks a param of a logged model and returns the value to store, as a run's.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateLoggedModelParam(key: string, value: string): string {
  return validateParam(key, value);
}

/**
 * Checks a tag of a logged model: any text, with a key of at most 255 characters.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateLoggedModelTag(key: string, value: string): string {
  if (key === '')
    throw invalidParameter('Cannot tag a logged model: the key of the tag is empty; give it a name.');
  checkLength('Cannot tag a logged model: the key of the tag', key, MAX_TAG_KEY);
  if (typeof value === 'string') return value.toWellFormed();
  throw invalidParameter(
    `Cannot tag a logged model: the value ${showValue(value)} of '${key}' is no string; pass a string.`,
  );
}
