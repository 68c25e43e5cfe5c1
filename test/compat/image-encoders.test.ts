import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodePng } from '../../src/tracking/run-files/decode-png.ts';
import type { RawImage } from '../../src/tracking/run-files/pixels.ts';
import { encodePng } from '../../src/tracking/run-files/png.ts';
import { encodeWebp } from '../../src/tracking/run-files/webp.ts';
import { requireMlflow } from '../support/requirements.ts';
import { runPython } from './python.ts';

const SIZES = [
  [1, 1],
  [2, 3],
  [17, 5],
  [256, 256],
  [512, 300],
  [300, 7],
] as const;

/** Value of the byte at an index of an image. */
const KINDS: Readonly<Record<string, (index: number, width: number) => number>> = {
  flat: () => 7,
  slope: (index, width) => (index % width) + Math.floor(index / width),
  noise: (index) => hash(index),
  sparse: (index) => (hash(index) < 3 ? hash(index + 1) : 0),
};

const mlflow = requireMlflow();

describe.skipIf(mlflow.isMissing)(mlflow.title('images that were encoded here'), () => {
  it('are the same pixels for Pillow, as PNG and as WebP', async () => {
    const folder = fs.mkdtempSync(path.resolve('images-'));
    const images = Object.entries(KINDS).flatMap(([kind, valueAt]) =>
      SIZES.flatMap(([width, height]) =>
        ([1, 3, 4] as const).map((channels) => ({
          name: `${kind}-${width}x${height}x${channels}`,
          image: {
            data: bytes(width * height * channels, (index) => valueAt(index, width)),
            width,
            height,
            channels,
          },
        })),
      ),
    );
    for (const { name, image } of images) await writeFiles(path.join(folder, name), image);
    const manifest = images.map(({ name, image: { data, ...size } }) => ({ name, ...size }));
    fs.writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(manifest));
    expect(await runPython<string[]>('compare_images.py', folder)).toEqual([]);
  });
});

async function writeFiles(file: string, image: RawImage): Promise<void> {
  const png = await encodePng(image);
  fs.writeFileSync(`${file}.raw`, image.data);
  fs.writeFileSync(`${file}.png`, png);
  fs.writeFileSync(`${file}.webp`, encodeWebp(image));
  const { data, ...size } = (await decodePng(png)) ?? { data: new Uint8Array() };
  expect(size).toEqual({ width: image.width, height: image.height, channels: image.channels });
  // Comparing two large arrays by `toEqual` takes a second.
  expect(Buffer.compare(data, image.data)).toBe(0);
}

function bytes(count: number, valueAt: (index: number) => number): Uint8Array {
  const data = new Uint8Array(count);
  for (let i = 0; i < count; i++) data[i] = valueAt(i);
  return data;
}

/** A byte that looks random. */
function hash(index: number): number {
  return (Math.imul(index ^ (index >>> 7), 2_654_435_761) >>> 11) & 255;
}
