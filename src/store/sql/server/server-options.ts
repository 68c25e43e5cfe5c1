import fs from 'node:fs';
import { errorMessage, invalidParameter } from '../../../errors.ts';
import type { ServerAddress } from '../../server-uri.ts';

/** Time to wait for a connection, in milliseconds. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** Time to wait for another transaction's lock, in milliseconds; as long as SQLite is given. */
export const LOCK_TIMEOUT_MS = 20_000;

/**
 * Checks that every option of a URI is known: one that is not understood could be about security.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE with the name of the first unknown one.
 */
export function checkOptions(
  { options, shown }: ServerAddress,
  known: readonly string[],
  ignored: readonly string[],
): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name) && !ignored.includes(name));
  if (unknown === undefined) return;
  throw invalidParameter(
    `Cannot use the tracking URI '${shown}': its option '${unknown}' is unknown; leave it out, or use one of ${known.join(', ')}.`,
  );
}

/**
 * Reads a file that an option names; nothing where none is named.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE when it cannot be read.
 */
export function readOptionFile(name: string, file: string | undefined, shown: string): Buffer | undefined {
  if (!file) return undefined;
  try {
    return fs.readFileSync(file);
  } catch (error) {
    throw invalidParameter(
      `Cannot use the database '${shown}': the file of ${name} cannot be read: ${errorMessage(error)}; correct it or leave it out.`,
    );
  }
}

/** Whether an option says yes, as Python's or a driver's users write it. */
export function isTrue(text: string | undefined): boolean {
  return text !== undefined && ['1', 'true', 'yes', 'on'].includes(text.toLowerCase());
}
