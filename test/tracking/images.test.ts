import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MlflowClient } from '../../src/tracking/client.ts';
import { shutdown } from '../../src/tracking/delivery/writers.ts';
import { logImage } from '../../src/tracking/fluent/artifacts.ts';
import { endRun, startRun } from '../../src/tracking/fluent/runs.ts';
import { decodePng as decodeOwnPng } from '../../src/tracking/run-files/decode-png.ts';
import { encodePng } from '../../src/tracking/run-files/png.ts';
import { shrinkImage } from '../../src/tracking/run-files/shrink-image.ts';
import { setTrackingUri } from '../../src/tracking/settings.ts';
import { decodePng } from './decode-png.ts';
import { temporaryFolder } from './temporary-store.ts';

let client: MlflowClient;
let runId: string;

beforeEach(() => {
  setTrackingUri(`sqlite:///${path.join(temporaryFolder(), 'mlflow.db')}`);
  client = new MlflowClient();
  ({ runId } = startRun());
});

afterEach(async () => {
  await shutdown();
  setTrackingUri('sqlite:///mlflow.db');
});

/** Bytes of an image of which each differs from its neighbours. */
function bytes(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, index) => (index * 37) % 256);
}

async function readFile(file: string): Promise<Buffer> {
  return fs.readFileSync(await client.downloadArtifacts(runId, file));
}

/** Width and height that the header of a lossless WebP file states. */
function sizeOfWebp(file: Buffer): number[] {
  expect(file.toString('latin1', 0, 4) + file.toString('latin1', 8, 16)).toBe('RIFFWEBPVP8L');
  expect(file.readUInt32LE(4)).toBe(file.length - 8);
  const bits = file.readUInt32LE(21);
  return [(bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1];
}

describe('logImage to a file', () => {
  test('writes pixels as PNG, whatever their channels', async () => {
    for (const channels of [1, 3, 4] as const) {
      const data = bytes(5 * 4 * channels);
      await logImage({ data, width: 5, height: 4, channels }, `deep/${channels}.png`);
      expect(decodePng(await readFile(`deep/${channels}.png`))).toEqual({ data, width: 5, height: 4, channels });
    }
  });

  test('finds the channels by the length, as of the image data of a canvas', async () => {
    await logImage({ data: new Uint8ClampedArray(bytes(24)), width: 3, height: 2 }, 'canvas.png');
    expect(decodePng(await readFile('canvas.png'))).toMatchObject({ channels: 4, data: bytes(24) });
  });

  test('takes fractions from 0 to 1 as shares of 255, and plain arrays of either kind', async () => {
    await logImage({ data: new Float32Array([0, 0.5, 1]), width: 3, height: 1 }, 'floats.png');
    expect([...decodePng(await readFile('floats.png')).data]).toEqual([0, 127, 255]);
    await logImage({ data: [0, 0.25, 1], width: 1, height: 1 }, 'plain.png');
    expect([...decodePng(await readFile('plain.png')).data]).toEqual([0, 63, 255]);
    await logImage({ data: [0, 1, 255], width: 1, height: 1 }, 'whole.png');
    expect([...decodePng(await readFile('whole.png')).data]).toEqual([0, 1, 255]);
  });

  test('scales fractions beyond 0 to 1, the lowest to 0, the highest to 255', async () => {
    await logImage({ data: new Float64Array([-1, 0, 3]), width: 1, height: 3 }, 'scaled.png');
    expect([...decodePng(await readFile('scaled.png')).data]).toEqual([0, 63, 255]);
  });

  test('writes pixels as WebP where the file is named so', async () => {
    await logImage({ data: bytes(60), width: 5, height: 4 }, 'a.webp');
    expect(sizeOfWebp(await readFile('a.webp'))).toEqual([5, 4]);
  });

  test('keeps files that are images as they are, given as bytes or by their path', async () => {
    const png = await encodePng({ data: bytes(12), width: 2, height: 2, channels: 3 });
    const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), bytes(40)]);
    await logImage(png, 'bytes.png');
    expect(await readFile('bytes.png')).toEqual(png);
    const file = path.join(temporaryFolder(), 'photo.jpg');
    fs.writeFileSync(file, jpeg);
    await logImage(file, 'photos/photo.jpg');
    expect(await readFile('photos/photo.jpg')).toEqual(jpeg);
  });

  test('refuses what is no image, with the way out', async () => {
    const invalid = (message: RegExp) => ({
      code: 'INVALID_PARAMETER_VALUE',
      message: expect.stringMatching(message),
    });
    const pixels = { data: bytes(12), width: 2, height: 2 };
    await expect(logImage(bytes(20), 'a.png')).rejects.toMatchObject(invalid(/neither PNG, JPEG/));
    await expect(logImage({ ...pixels, width: 5 }, 'a.png')).rejects.toMatchObject(invalid(/channels/));
    await expect(logImage({ ...pixels, channels: 4 }, 'a.png')).rejects.toMatchObject(
      invalid(/12 numbers, not 16/),
    );
    await expect(logImage({ ...pixels, width: 0 }, 'a.png')).rejects.toMatchObject(invalid(/whole numbers/));
    await expect(logImage({ data: [0, 256, 1], width: 3, height: 1 }, 'a.png')).rejects.toMatchObject(
      invalid(/0 to 256.*0 to 255/),
    );
    await expect(logImage({ data: [Number.NaN], width: 1, height: 1 }, 'a.png')).rejects.toMatchObject(
      invalid(/NaN/),
    );
    await expect(logImage(pixels, 'a.jpg')).rejects.toMatchObject(invalid(/name it \.png/));
    await expect(logImage(null as never, 'a.png')).rejects.toMatchObject(
      invalid(/pass \{ data, width, height \}/),
    );
    await expect(logImage('missing.png', 'a.png')).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    expect(await client.listArtifacts(runId)).toEqual([]);
  });
});

describe('logImage under a key', () => {
  test('writes the image and a small copy by the names that MLflow looks for, and tags the run', async () => {
    const data = bytes(600 * 300 * 3);
    await logImage({ data, width: 600, height: 300 }, { key: 'gen/dog', step: 3, timestamp: 1234 });
    const [small, full] = (await client.listArtifacts(runId, 'images')).map((it) => it.path);
    const name = String.raw`^images/gen~dog\+step\+3\+timestamp\+1234\+[0-9a-f-]{36}`;
    expect(full).toMatch(new RegExp(String.raw`${name}\.png$`));
    expect(small).toMatch(new RegExp(String.raw`${name}\+compressed\.webp$`));
    expect(decodePng(await readFile(`${full}`))).toEqual({ data, width: 600, height: 300, channels: 3 });
    expect(sizeOfWebp(await readFile(`${small}`))).toEqual([256, 128]);
    expect((await client.getRun(runId)).tags['mlflow.loggedImages']).toBe('True');
  });

  test('begins at step 0 now, and goes on when the run has ended meanwhile', async () => {
    const before = Date.now();
    const logged = logImage({ data: bytes(3), width: 1, height: 1 }, { key: 'dot' });
    endRun();
    await logged;
    const [file] = await client.listArtifacts(runId, 'images');
    const [, step, time] = /step\+(\d+)\+timestamp\+(\d+)/.exec(`${file?.path}`) ?? [];
    expect(step).toBe('0');
    expect(Number(time)).toBeGreaterThanOrEqual(before);
    expect((await client.getRun(runId)).tags['mlflow.loggedImages']).toBe('True');
  });

  test('has a small copy of PNG files, and of other files the file itself', async () => {
    const pixels = { data: bytes(400 * 100 * 3), width: 400, height: 100, channels: 3 } as const;
    const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), bytes(40)]);
    await logImage(await encodePng(pixels), { key: 'png' });
    await logImage(jpeg, { key: 'jpeg' });
    const [jpegCopy, , pngCopy] = (await client.listArtifacts(runId, 'images')).map((it) => it.path);
    expect(sizeOfWebp(await readFile(`${pngCopy}`))).toEqual([256, 64]);
    expect(await readFile(`${jpegCopy}`)).toEqual(jpeg);
  });

  test('refuses keys and steps that no file name could hold', async () => {
    const pixels = { data: bytes(3), width: 1, height: 1 };
    for (const options of [
      { key: '' },
      { key: 'a+b' },
      { key: 'ä' },
      { key: 'a', step: 0.5 },
      { key: 'a', timestamp: -1 },
    ])
      await expect(logImage(pixels, options)).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
  });

  test('is there for runs that are not active, and in the client', async () => {
    endRun();
    const pixels = { data: bytes(3), width: 1, height: 1 };
    await logImage(pixels, { key: 'a' }, { runId });
    await client.logImage(runId, pixels, { key: 'b', step: 2 });
    await client.logImage(runId, pixels, 'c.png');
    expect((await client.listArtifacts(runId)).map((it) => it.path)).toEqual(['c.png', 'images']);
    expect(await client.listArtifacts(runId, 'images')).toHaveLength(4);
  });
});

test('PNG files are read whatever their filters, and others are told apart', async () => {
  const image = { data: bytes(60), width: 5, height: 4, channels: 3 } as const;
  const png = await encodePng(image);
  expect(await decodeOwnPng(png)).toEqual(image);
  for (const filter of [0, 1, 2, 3, 4]) {
    const file = pngOf(Buffer.from([filter, 10, 20, 30, 5, 5, 5, filter, 1, 2, 3, 4, 5, 6]), 2, 2);
    expect(await decodeOwnPng(file)).toEqual({ ...UNFILTERED[filter], width: 2, height: 2, channels: 3 });
  }
  expect(await decodeOwnPng(pngOf(Buffer.from([9, 1, 2, 3]), 1, 1))).toBeUndefined();
  expect(await decodeOwnPng(pngOf(Buffer.from([0, 1]), 1, 1))).toBeUndefined();
  expect(await decodeOwnPng(pngOf(Buffer.from([0, 1, 2, 3]), 1, 1, 16))).toBeUndefined();
  expect(await decodeOwnPng(png.subarray(0, 50))).toBeUndefined();
  expect(await decodeOwnPng(png.subarray(0, 10))).toBeUndefined();
  expect(await decodeOwnPng(pngOf(Buffer.alloc(0), 2 ** 31 - 1, 2 ** 31 - 1))).toBeUndefined();
});

/** By filter, what the rows 10 20 30 5 5 5 and 1 2 3 4 5 6 stand for; worked out by hand after the specification. */
const UNFILTERED = [
  [10, 20, 30, 5, 5, 5, 1, 2, 3, 4, 5, 6],
  [10, 20, 30, 15, 25, 35, 1, 2, 3, 5, 7, 9],
  [10, 20, 30, 5, 5, 5, 11, 22, 33, 9, 10, 11],
  [10, 20, 30, 10, 15, 20, 6, 12, 18, 12, 18, 25],
  [10, 20, 30, 15, 25, 35, 11, 22, 33, 19, 30, 41],
].map((row) => ({ data: Uint8Array.from(row) }));

function pngOf(rows: Buffer, width: number, height: number, bitDepth = 8): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bitDepth, 2], 8);
  const chunk = (type: string, data: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)]);
  };
  const start = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([start, chunk('IHDR', header), chunk('IDAT', zlib.deflateSync(rows))]);
}

test('a shrunk image has the mean of the pixels that each stands for', () => {
  const data = Uint8Array.from([0, 10, 20, 30, 100, 110, 120, 130]);
  expect(shrinkImage({ data, width: 4, height: 2, channels: 1 }, 2)).toEqual({
    data: Uint8Array.from([55, 75]),
    width: 2,
    height: 1,
    channels: 1,
  });
  const small = { data, width: 4, height: 2, channels: 1 } as const;
  expect(shrinkImage(small, 4)).toBe(small);
  expect(shrinkImage({ data: bytes(1000), width: 1000, height: 1, channels: 1 }, 10)).toMatchObject({
    width: 10,
    height: 1,
  });
});
