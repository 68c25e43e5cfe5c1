import { invalidParameter } from '../errors.ts';
import { checkLength, showValue } from './validation-text.ts';

const MAX_KEY = 250;
const WINDOWS = process.platform === 'win32';
const KEY = WINDOWS ? /^[/\p{L}\p{N}_.\- ]+$/u : /^[/\p{L}\p{N}_.\- :]+$/u;

/**
 * Checks the key of a metric.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE. Source of all limits here: mlflow/utils/validation.py, read at 3.17.2.
 */
export function validateMetricKey(key: string): void {
  validateKey('metric', key);
}

/**
 * Checks the key of a param.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateParamKey(key: string): void {
  validateKey('param', key);
}

/**
 * Checks the key of a tag.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateTagKey(key: string): void {
  validateKey('tag', key);
}

function validateKey(kind: string, key: string): void {
  if (typeof key !== 'string' || key === '') {
    throw invalidParameter(
      `Cannot log a ${kind}: its key ${showValue(key)} is no name; give a string that is not empty.`,
    );
  }
  if (!KEY.test(key)) {
    throw invalidParameter(
      `Cannot log the ${kind} ${showValue(key)}: keys may only contain letters, digits, _ - . / spaces${WINDOWS ? '' : ' and :'}; rename it.`,
    );
  }
  // MLflow treats keys as paths of files in places, so each must be its own normal form.
  if (key.startsWith('..') || key.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw invalidParameter(
      `Cannot log the ${kind} ${showValue(key)}: as a path of files it would lead elsewhere; rename it without empty, '.' or '..' parts.`,
    );
  }
  checkLength(`Cannot log the ${kind} '${key.slice(0, 60)}…': its key`, key, MAX_KEY);
}
