import { extname } from 'node:path';
import { validateArtifactFile } from '../artifacts/artifact-path.ts';
import { AutologError, errorMessage } from '../errors.ts';

/**
 * Text of a dictionary as its file's name asks: YAML for `.yml` and `.yaml`, else JSON.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE when it contains itself.
 */
export async function formatDict(dictionary: unknown, file: string): Promise<string> {
  const extension = extname(validateArtifactFile(file));
  try {
    const json = JSON.stringify(
      dictionary,
      (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
      2,
    );
    if (!['.yml', '.yaml'].includes(extension)) return json ?? 'null';
    const { stringify } = await import('yaml');
    return stringify(JSON.parse(json ?? 'null'));
  } catch (error) {
    const message = `Cannot write '${file}': the dictionary has no JSON form (${errorMessage(error)}); pass plain data.`;
    throw new AutologError('INVALID_PARAMETER_VALUE', message, { cause: error });
  }
}
