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

/** A random UUID (version 4) without its dashes, as MLflow names runs, models and data sets. */
export function randomUuidHex(): string {
  crypto ??= process.getBuiltinModule('node:crypto');
  return crypto.randomUUID().replaceAll('-', '');
}

/** A random whole number from 0 to below `limit`. */
export function randomBelow(limit: number): number {
  crypto ??= process.getBuiltinModule('node:crypto');
  return crypto.randomInt(limit);
}
