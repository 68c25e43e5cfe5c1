import { nowMs } from './clock.ts';

type Crypto = typeof import('node:crypto');

// Loaded with the first id: node:crypto costs 10 ms, and many a program logs nothing.
let crypto: Crypto | undefined;

/** Random bytes in advance: one call for many costs a tenth of many calls. */
const pool = Buffer.alloc(4096);
let used = pool.length;

/** Random bytes as hexadecimal digits, two for each byte; at most 4096 bytes. */
export function randomHex(byteCount: number): string {
  crypto ??= process.getBuiltinModule('node:crypto');
  if (used + byteCount > pool.length) {
    crypto.randomFillSync(pool);
    used = 0;
  }
  used += byteCount;
  return pool.toString('hex', used - byteCount, used);
}

/**
 * 16 bytes as hexadecimal digits: the time in milliseconds, then 10 random bytes.
 *
 * Rows whose keys begin with the time lie together in their indexes, which halves the work of storing them.
 */
export function timeOrderedHex(): string {
  return nowMs().toString(16).padStart(12, '0') + randomHex(10);
}

/** A random UUID (version 4) without its dashes, as MLflow names runs, models and data sets. */
export function randomUuidHex(): string {
  const hex = randomHex(16);
  const variant = '89ab'[Number.parseInt(hex[16] as string, 16) & 3];
  return `${hex.slice(0, 12)}4${hex.slice(13, 16)}${variant}${hex.slice(17)}`;
}

/** A random whole number from 0 to below `limit`. */
export function randomBelow(limit: number): number {
  crypto ??= process.getBuiltinModule('node:crypto');
  return crypto.randomInt(limit);
}
