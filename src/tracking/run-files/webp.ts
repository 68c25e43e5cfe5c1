import { buildPrefixCode, type PrefixCode } from './huffman.ts';
import type { RawImage } from './pixels.ts';

/** Sizes of the alphabets: green with the lengths of repeats, red, blue, alpha, distances of repeats. */
const ALPHABETS = [280, 256, 256, 256, 40] as const;
const MAX_CODE_LENGTH = 15;
/** Left + above − corner: what a slope would go on with. */
const GRADIENT = 12;

/**
 * Writes an image as lossless WebP, for the small copies that MLflow's page shows; at most 512 × 512 pixels.
 *
 * By hand, as the encoders to be had are native or WebAssembly, of a megabyte and more.
 * Source: "WebP Lossless Bitstream Specification" (RFC 9649, §3).
 */
export function encodeWebp(image: RawImage): Buffer {
  const pixels = toResiduals(subtractGreen(toRgba(image)), image);
  const writer = new BitWriter();
  writer.write(0x2f, 8);
  writer.write(image.width - 1, 14);
  writer.write(image.height - 1, 14);
  writer.write(image.channels === 4 ? 1 : 0, 1);
  writer.write(0, 3);
  writeTransforms(writer);
  // No colour cache, one set of codes for the whole image.
  writer.write(0b00, 2);
  writePixels(writer, pixels);
  return toRiff(writer.finish());
}

function toRgba({ data, channels }: RawImage): Uint8Array {
  if (channels === 4) return data.slice();
  const count = data.length / channels;
  const rgba = new Uint8Array(4 * count);
  for (let i = 0; i < count; i++) {
    for (let channel = 0; channel < 3; channel++) {
      rgba[4 * i + channel] = data[channels === 1 ? i : 3 * i + channel] as number;
    }
    rgba[4 * i + 3] = 255;
  }
  return rgba;
}

function subtractGreen(rgba: Uint8Array): Uint8Array {
  for (let i = 0; i < rgba.length; i += 4) {
    const green = rgba[i + 1] as number;
    rgba[i] = (rgba[i] as number) - green;
    rgba[i + 2] = (rgba[i + 2] as number) - green;
  }
  return rgba;
}

/** Each byte less what its neighbours foretell: the first pixel black, the first row the left, the first column above. */
function toResiduals(rgba: Uint8Array, { width }: RawImage): Uint8Array {
  const residuals = new Uint8Array(rgba.length);
  const row = 4 * width;
  for (let i = 0; i < rgba.length; i++) {
    const left = i % row < 4 ? undefined : (rgba[i - 4] as number);
    const above = i < row ? undefined : (rgba[i - row] as number);
    residuals[i] = (rgba[i] as number) - foretell(left, above, rgba[i - row - 4], i % 4 === 3 ? 255 : 0);
  }
  return residuals;
}

function foretell(
  left: number | undefined,
  above: number | undefined,
  corner: number | undefined,
  first: number,
): number {
  if (left === undefined) return above ?? first;
  if (above === undefined || corner === undefined) return left;
  return Math.max(0, Math.min(255, left + above - corner));
}

function writeTransforms(writer: BitWriter): void {
  const [predictor, lessGreen] = [0, 2];
  writer.write(1 | (lessGreen << 1), 3);
  writer.write(1 | (predictor << 1), 3);
  // One predictor for blocks of 512 × 512: an image of one pixel, whose green names it.
  writer.write(9 - 2, 3);
  writer.write(0, 1);
  for (const symbol of [GRADIENT, 0, 0, 0, 0]) writeOnlySymbol(writer, symbol);
  writer.write(0, 1);
}

function writePixels(writer: BitWriter, rgba: Uint8Array): void {
  const [green, red, blue, alpha] = [1, 0, 2, 3].map((channel, index) => {
    const counts = new Array<number>(ALPHABETS[index] as number).fill(0);
    for (let i = channel; i < rgba.length; i += 4)
      counts[rgba[i] as number] = (counts[rgba[i] as number] ?? 0) + 1;
    return { channel, code: writeCode(writer, counts) };
  });
  writeOnlySymbol(writer, 0);
  const order = [green, red, blue, alpha] as readonly { channel: number; code: PrefixCode }[];
  for (let i = 0; i < rgba.length; i += 4) {
    for (const { channel, code } of order) {
      const symbol = rgba[i + channel] as number;
      writer.write(code.bits[symbol] as number, code.lengths[symbol] as number);
    }
  }
}

function writeCode(writer: BitWriter, counts: readonly number[]): PrefixCode {
  const code = buildPrefixCode(counts, MAX_CODE_LENGTH);
  const used = counts.flatMap((count, symbol) => (count === 0 ? [] : [symbol]));
  if (used.length === 1) {
    writeOnlySymbol(writer, used[0] as number);
    return code;
  }
  writer.write(0, 1);
  // The lengths have a code of their own, whose 16 symbols get four bits each; repeats (16 to 18) are not used.
  writer.write(19 - 4, 4);
  for (const symbol of [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
    writer.write(symbol < 16 ? 4 : 0, 3);
  writer.write(0, 1);
  for (const length of code.lengths) {
    for (let bit = 3; bit >= 0; bit--) writer.write((length >> bit) & 1, 1);
  }
  return code;
}

/** A code of one symbol, which then takes no bits. */
function writeOnlySymbol(writer: BitWriter, symbol: number): void {
  writer.write(0b101, 3);
  writer.write(symbol, 8);
}

function toRiff(data: Uint8Array): Buffer {
  const padding = data.length % 2;
  const header = Buffer.from('RIFF____WEBPVP8L____', 'latin1');
  header.writeUInt32LE(12 + data.length + padding, 4);
  header.writeUInt32LE(data.length, 16);
  return Buffer.concat([header, data, Buffer.alloc(padding)]);
}

/** Fills bytes from their lowest bit on. */
class BitWriter {
  readonly #bytes: number[] = [];
  #pending = 0;
  #count = 0;

  /** Writes the lowest bits of a value, the lowest first. */
  write(value: number, bitCount: number): void {
    this.#pending |= value << this.#count;
    this.#count += bitCount;
    while (this.#count >= 8) {
      this.#bytes.push(this.#pending & 255);
      this.#pending >>>= 8;
      this.#count -= 8;
    }
  }

  finish(): Uint8Array {
    if (this.#count > 0) this.write(0, 8 - this.#count);
    return Uint8Array.from(this.#bytes);
  }
}
