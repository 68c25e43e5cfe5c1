import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { RawImage } from './pixels.ts';
import { paeth } from './png.ts';

const inflate = promisify(zlib.inflate);

/** Channels of the colour types that are read here; palettes and sixteen bits are not. */
const CHANNELS: Readonly<Record<number, RawImage['channels']>> = { 0: 1, 2: 3, 6: 4 };
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Reads the PNG files that programs draw: eight bits a channel, grey, RGB or RGBA, not interlaced. Undefined for all
 * others, and for files that are broken.
 *
 * Source: PNG specification, third edition, §9 (filters), §11 (chunks).
 */
export async function decodePng(file: Uint8Array): Promise<RawImage | undefined> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  const chunks = readChunks(bytes);
  const header = chunks.find(({ type }) => type === 'IHDR')?.data;
  if (header === undefined || header.length !== 13) return undefined;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const channels = CHANNELS[header[9] ?? -1];
  const isPlain = header[8] === 8 && header[12] === 0;
  if (channels === undefined || !isPlain || (width * channels + 1) * height > MAX_BYTES) return undefined;
  const packed = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data));
  try {
    const rows = await inflate(packed, { maxOutputLength: (width * channels + 1) * height });
    const data = unfilter(rows, width * channels, height, channels);
    return data && { data, width, height, channels };
  } catch {
    // Z_DATA_ERROR and the like: the file is broken, and stays as it is.
    return undefined;
  }
}

function readChunks(file: Buffer): { readonly type: string; readonly data: Buffer }[] {
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at + 12 <= file.length; ) {
    const length = file.readUInt32BE(at);
    chunks.push({ type: file.toString('latin1', at + 4, at + 8), data: file.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

function unfilter(rows: Buffer, length: number, height: number, channels: number): Uint8Array | undefined {
  if (rows.length !== (length + 1) * height) return undefined;
  const data = new Uint8Array(length * height);
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (length + 1)] as number;
    if (filter > 4) return undefined;
    for (let x = 0; x < length; x++) {
      const at = y * length + x;
      const left = x < channels ? 0 : (data[at - channels] as number);
      const above = y === 0 ? 0 : (data[at - length] as number);
      const corner = y === 0 || x < channels ? 0 : (data[at - length - channels] as number);
      data[at] = (rows[at + y + 1] as number) + foretell(filter, left, above, corner);
    }
  }
  return data;
}

function foretell(filter: number, left: number, above: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return above;
  return filter === 3 ? (left + above) >> 1 : paeth(left, above, corner);
}
