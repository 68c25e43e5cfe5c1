import zlib from 'node:zlib';

const CHANNELS = { 0: 1, 2: 3, 6: 4 } as const;

/** Reads a PNG of eight bits a channel, written without interlacing and filtered by Paeth's rule; checks its sums. */
export function decodePng(file: Buffer) {
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const body = file.subarray(at + 4, at + 8 + length);
    if (zlib.crc32(body) !== file.readUInt32BE(at + 8 + length)) throw new Error('a checksum of the PNG is wrong');
    chunks.set(body.toString('latin1', 0, 4), body.subarray(4));
    at += 12 + length;
  }
  const header = chunks.get('IHDR') ?? Buffer.alloc(0);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const channels = CHANNELS[header[9] as keyof typeof CHANNELS];
  const rows = zlib.inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
  return { data: unfilter(rows, width * channels, height, channels), width, height, channels };
}

function unfilter(rows: Buffer, length: number, height: number, channels: number): Uint8Array {
  const data = new Uint8Array(length * height);
  const at = (x: number, y: number) => (x < 0 || y < 0 ? 0 : Number(data[y * length + x]));
  for (let y = 0; y < height; y++) {
    if (rows[y * (length + 1)] !== 4) throw new Error('a row of the PNG is filtered by another rule');
    for (let x = 0; x < length; x++) {
      const [left, above, corner] = [at(x - channels, y), at(x, y - 1), at(x - channels, y - 1)];
      const guess = left + above - corner;
      const nearest = [left, above, corner].reduce((best, it) =>
        Math.abs(guess - it) < Math.abs(guess - best) ? it : best,
      );
      data[y * length + x] = Number(rows[y * (length + 1) + 1 + x]) + nearest;
    }
  }
  return data;
}
