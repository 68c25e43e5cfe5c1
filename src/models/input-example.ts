import fs from 'node:fs/promises';
import { join } from 'node:path';
import type { InputExampleInfo } from './mlmodel.ts';

const EXAMPLE_FILE = 'input_example.json';
const SERVING_FILE = 'serving_input_example.json';

/** Something that the model takes. */
export interface InputExample {
  /** `ndarray` for nested arrays of numbers, or a map of them by tensor name; `json_object` for any other data. */
  readonly type: 'ndarray' | 'json_object';
  readonly data: unknown;
}

/**
 * Writes an example into a model's folder, as plain data and as a scoring server takes it.
 *
 * Source: mlflow/models/utils.py, read at 3.17.
 */
export async function writeInputExample(folder: string, { type, data }: InputExample): Promise<InputExampleInfo> {
  await fs.writeFile(join(folder, EXAMPLE_FILE), JSON.stringify(data));
  await fs.writeFile(join(folder, SERVING_FILE), JSON.stringify({ inputs: data }, null, 2));
  return { artifactPath: EXAMPLE_FILE, type, servingInputPath: SERVING_FILE };
}
