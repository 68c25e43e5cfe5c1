import { invalidParameter } from '../../errors.ts';
import { tellOnce } from '../../failures.ts';

/** Bytes of an image, row by row from the top, without gaps. */
export interface RawImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** 1 for grey, 3 for RGB, 4 for RGBA. */
  readonly channels: 1 | 3 | 4;
}

/** An image as numbers, row by row from the top: the `ImageData` of a canvas, or the data of a tensor. */
export interface Pixels {
  /**
   * Whole numbers from 0 to 255, or fractions from 0 to 1 in a `Float32Array` or `Float64Array`; fractions outside of
   * that are scaled to it.
   */
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
  /** 1 for grey, 3 for RGB, 4 for RGBA. @default what the length of the data says */
  readonly channels?: number;
}

/** True for what looks like an image as numbers. */
export function isPixels(value: unknown): value is Pixels {
  const { data, width, height } = (value ?? {}) as Partial<Pixels>;
  return typeof width === 'number' && typeof height === 'number' && typeof data === 'object' && data !== null;
}

/**
 * Turns numbers into the bytes of an image.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE when size, channels and data do not fit, or whole numbers leave 0 to 255.
 */
export function toRawImage({ data, width, height, channels: given }: Pixels): RawImage {
  const channels = given ?? data.length / (width * height);
  if (!isSize(width) || !isSize(height)) {
    throw invalidParameter(
      `Cannot log an image of ${width} × ${height} pixels: sizes are whole numbers from 1 on.`,
    );
  }
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw invalidParameter(`Cannot log an image with ${channels} channels: use 1 (grey), 3 (RGB) or 4 (RGBA).`);
  }
  if (data.length !== width * height * channels) {
    throw invalidParameter(
      `Cannot log an image of ${width} × ${height} × ${channels}: its data has ${data.length} numbers, not ${width * height * channels}.`,
    );
  }
  return { data: toBytes(data), width, height, channels };
}

function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size > 0;
}

function toBytes(data: ArrayLike<number>): Uint8Array {
  if (data instanceof Uint8Array) return data;
  if (data instanceof Uint8ClampedArray) return new Uint8Array(data.buffer, data.byteOffset, data.length);
  const [low, high] = rangeOf(data);
  if (isFractional(data)) return scale(data, low, high);
  if (low < 0 || high > 255) {
    throw invalidParameter(
      `Cannot log an image with values from ${low} to ${high}: whole numbers go from 0 to 255.`,
    );
  }
  return Uint8Array.from(data);
}

function isFractional(data: ArrayLike<number>): boolean {
  if (data instanceof Float32Array || data instanceof Float64Array) return true;
  if (ArrayBuffer.isView(data)) return false;
  for (let i = 0; i < data.length; i++) if (!Number.isInteger(data[i])) return true;
  return false;
}

function rangeOf(data: ArrayLike<number>): [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (!Number.isFinite(value)) {
      throw invalidParameter(`Cannot log an image with the value ${value}: it has no colour; replace it.`);
    }
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function scale(data: ArrayLike<number>, low: number, high: number): Uint8Array {
  const isInRange = low >= 0 && high <= 1;
  if (!isInRange)
    tellOnce('the fractions of an image go beyond 0 to 1: they are scaled, the lowest to 0, the highest to 1');
  const [from, factor] = isInRange ? [0, 255] : [low, 255 / (high - low || 1)];
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = ((data[i] as number) - from) * factor;
  return bytes;
}
