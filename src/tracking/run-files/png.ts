import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { RawImage } from './pixels.ts';

const deflate = promisify(zlib.deflate);

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const COLOUR_TYPE = { 1: 0, 3: 2, 4: 6 } as const;
const PAETH = 4;

/**
 * Writes an image as PNG.
 *
 * By hand, as zlib does the work: what is left of the format is shorter than the defence of a dependency.
 * Source: PNG specification, third edition, §5 (chunks), §9 (filters).
 */
export async function encodePng(image: RawImage): Promise<Buffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(image.width, 0);
  header.writeUInt32BE(image.height, 4);
  header[8] = 8;
  header[9] = COLOUR_TYPE[image.channels];
  const data = await deflate(filterRows(image));
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

/** Each byte less what its neighbours foretell, which compresses far better than the bytes themselves. */
function filterRows({ data, width, height, channels }: RawImage): Buffer {
  const length = width * channels;
  const filtered = Buffer.alloc((length + 1) * height);
  for (let y = 0; y < height; y++) {
    const row = y * length;
    const target = y * (length + 1);
    filtered[target] = PAETH;
    for (let x = 0; x < length; x++) {
      const left = x < channels ? 0 : (data[row + x - channels] as number);
      const above = y === 0 ? 0 : (data[row + x - length] as number);
      const corner = y === 0 || x < channels ? 0 : (data[row + x - length - channels] as number);
      filtered[target + 1 + x] = (data[row + x] as number) - paeth(left, above, corner);
    }
  }
  return filtered;
}

/** Of the three neighbours of a byte, the one next to left + above − corner. */
export function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(zlib.crc32(body));
  return Buffer.concat([length, body, checksum]);
}
