import { invalidParameter } from '../errors.ts';
import type { DatasetInput } from './dataset.ts';
import { checkLength, showValue } from './validation-text.ts';

const MAX_INPUTS = 1000;
const MAX_TAG_KEY = 255;
const MAX_TAG_VALUE = 500;

const FIELDS = [
  ['name', 500, true],
  ['digest', 36, true],
  ['sourceType', 36, true],
  ['source', 65_535, true],
  ['schema', 1_048_575, false],
  ['profile', 16_777_215, false],
] as const;

/**
 * Checks a dataset and its tags.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateDatasetInput({ dataset, tags }: DatasetInput): void {
  for (const [field, limit, needed] of FIELDS) {
    const value = dataset[field];
    if (value === null && !needed) continue;
    if (typeof value !== 'string') {
      throw invalidParameter(
        `Cannot log a dataset: its ${field} ${showValue(value)} is no string; pass a string.`,
      );
    }
    checkLength(`Cannot log the dataset '${dataset.name}': its ${field}`, value, limit);
  }
  for (const [key, value] of Object.entries(tags)) {
    checkLength(`Cannot log the dataset '${dataset.name}': its tag's key`, key, MAX_TAG_KEY);
    checkLength(`Cannot log the dataset '${dataset.name}': its tag '${key}'`, value, MAX_TAG_VALUE);
  }
}

/**
 * Checks the datasets that one call logs: at most 1000.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateDatasetInputs(inputs: readonly DatasetInput[]): void {
  if (inputs.length > MAX_INPUTS) {
    throw invalidParameter(
      `Cannot log ${inputs.length} datasets: one call logs at most ${MAX_INPUTS}; split them up.`,
    );
  }
  for (const input of inputs) validateDatasetInput(input);
}
