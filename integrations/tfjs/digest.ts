import { createHash, type Hash } from 'node:crypto';
import type { Values } from './library.ts';

/** First values of an array, flattened, and the shape of the whole. */
export interface HashedArray {
  /** At most `HASHED_VALUES`; undefined when the values cannot be read as numbers. */
  readonly values: Values | undefined;
  readonly shape: readonly number[];
}

/** So many values of each array enter the digest. */
export const HASHED_VALUES = 10_000;

/**
 * Digest of a dataset, 8 hexadecimal digits: the one that MLflow gives to the same data as NumPy arrays.
 *
 * Source: mlflow/data/digest_utils.py `compute_numpy_digest`, read at 3.17; pandas/core/util/hashing.py
 * `_hash_ndarray`, read at 3.1.
 */
export function numpyDigest(arrays: readonly HashedArray[]): string {
  const hash = createHash('md5');
  for (const { values, shape } of arrays) {
    if (values === undefined) {
      const size = shape.reduce((product, length) => product * length, 1);
      updateInt64(hash, Math.min(size, HASHED_VALUES));
    } else {
      hash.update(hashValues(values));
    }
    for (const length of shape) updateInt64(hash, length);
  }
  return hash.digest('hex').slice(0, 8);
}

function updateInt64(hash: Hash, value: number): void {
  hash.update(new Uint32Array([value >>> 0, Math.floor(value / 2 ** 32)]));
}

/** 64 bits for each value, spread by two multiplications; in halves, because BigInt is 20 times slower here. */
function hashValues(values: Values): Uint32Array {
  const hashed = new Uint32Array(values.length * 2);
  const bits = toBits(values);
  for (let index = 0; index < bits.length; index++) {
    let low = bits[index] as number;
    low ^= low >>> 30;
    let high = (multiplyHigh(low, 0x1ce4e5b9) + Math.imul(low, 0xbf58476d)) | 0;
    low = Math.imul(low, 0x1ce4e5b9);
    [low, high] = [low ^ ((low >>> 27) | (high << 5)), high ^ (high >>> 27)];
    high = (multiplyHigh(low, 0x133111eb) + Math.imul(low, 0x94d049bb) + Math.imul(high, 0x133111eb)) | 0;
    low = Math.imul(low, 0x133111eb);
    hashed[2 * index] = low ^ ((low >>> 31) | (high << 1));
    hashed[2 * index + 1] = high ^ (high >>> 31);
  }
  return hashed;
}

/** Bits of the numbers; equal numbers have equal bits, also zeros and NaNs. */
function toBits(values: Values): ArrayLike<number> {
  if (values instanceof Uint8Array) return values;
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  if (values instanceof Int32Array) return bits;
  return bits.map((bit, index) => {
    const value = values[index] as number;
    if (value === 0) return 0;
    return Number.isNaN(value) ? 0x7fc00000 : bit;
  });
}

/** Upper 32 bits of the product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  return aHigh * bHigh + (middle >>> 16) + ((aLow * bHigh + (middle & 0xffff)) >>> 16);
}
