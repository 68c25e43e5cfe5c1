import type { DialectName } from '../dialect.ts';
import type { SqlValue } from '../operation.ts';

/**
 * Makes a statement and its parameters into what a driver takes as it is meant.
 *
 * Kysely gives SQL Server whole numbers as integers of eight bytes, which the largest metric values are not: these are
 * written into the text. Its drivers want a Buffer where bytes are meant. PostgreSQL keeps no NUL in texts: it becomes
 * the replacement character.
 */
export function toParameters(
  dialect: DialectName,
  sql: string,
  parameters: readonly SqlValue[],
): readonly [sql: string, parameters: readonly unknown[]] {
  let text = sql;
  const values = parameters.map((value, index) => {
    if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    if (dialect === 'postgresql' && typeof value === 'string') return value.replaceAll('\0', '\ufffd');
    if (dialect !== 'mssql' || typeof value !== 'number' || !isTooLarge(value)) return value;
    text = text.replaceAll(new RegExp(`@${index + 1}(?![0-9])`, 'g'), value.toExponential());
    return null;
  });
  return [text, values];
}

function isTooLarge(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}
