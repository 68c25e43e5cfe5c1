import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import { extname } from 'node:path';
import { validateArtifactFile } from '../../artifacts/artifact-path.ts';
import { nowMs } from '../../clock.ts';
import { invalidParameter } from '../../errors.ts';
import { toFileError } from '../../file-errors.ts';
import { requireOptions } from '../check-argument.ts';
import { RUN_TAGS } from '../runs/run-tags.ts';
import { decodePng } from './decode-png.ts';
import { isPixels, type Pixels, type RawImage, toRawImage } from './pixels.ts';
import { encodePng } from './png.ts';
import type { RunFiles } from './run-files.ts';
import { shrinkImage } from './shrink-image.ts';
import { encodeWebp } from './webp.ts';

/** An image: numbers, the bytes of a PNG, JPEG, WebP or GIF file, or the path of such a file. */
export type ImageSource = Pixels | Uint8Array | string;

/** Where an image goes: a place in a series of images under one key, as a metric's points are. */
export interface ImageSeriesOptions {
  /** Letters, digits, `_ - . /` and spaces. */
  readonly key: string;
  /** @default 0 */
  readonly step?: number;
  /** Milliseconds since the Unix epoch. @default now */
  readonly timestamp?: number;
}

/** Side of the square that the small copies fit into. */
const SMALL_SIZE = 256;

/**
 * Writes an image to a file of the run.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no image, or a name that is not that of one.
 */
export async function logImageFile(files: RunFiles, image: ImageSource, artifactFile: string): Promise<void> {
  const file = validateArtifactFile(artifactFile);
  const { bytes, raw } = await readImage(image);
  if (bytes !== undefined) return files.artifacts.logContent(file, bytes);
  const extension = extname(file).toLowerCase();
  if (extension === '.webp' && raw.width <= 512 && raw.height <= 512)
    return files.artifacts.logContent(file, encodeWebp(raw));
  if (extension === '.png') return files.artifacts.logContent(file, await encodePng(raw));
  throw invalidParameter(`Cannot log an image as '${artifactFile}': pixels are written as PNG; name it .png.`);
}

/**
 * Writes an image and a small copy under the names by which MLflow's page finds the series.
 *
 * Files that are images already stay as they are, whatever their kind: programs tell by the content. So do the small
 * copies of those that cannot be read here: JPEG, WebP, GIF, and rare forms of PNG.
 *
 * Source: mlflow/tracking/client.py `log_image`, read at 3.17.2.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no image, or a bad key or step.
 */
export async function logImageStep(
  files: RunFiles,
  image: ImageSource,
  options: ImageSeriesOptions,
): Promise<void> {
  requireOptions('Cannot log an image', options, "a file's name, or { key: 'sample', step: 1 }");
  const { key, step = 0, timestamp = nowMs() } = options;
  checkSeries(key, step, timestamp);
  const read = await readImage(image);
  const path = `images/${key.replaceAll('/', '~')}+step+${step}+timestamp+${timestamp}+${randomUUID()}`;
  await files.artifacts.logContent(`${path}.png`, read.bytes ?? (await encodePng(read.raw)));
  await files.artifacts.logContent(`${path}+compressed.webp`, await smallCopy(read));
  await files.setTag(RUN_TAGS.loggedImages, 'True');
}

/** A cell of a table that shows an image, as MLflow's page reads it. */
export interface ImageCell {
  readonly type: 'image';
  readonly filepath: string;
  readonly compressed_filepath: string;
}

/** Writes an image that stands in a table, and a small copy. */
export async function logTableImage(files: RunFiles, pixels: Pixels, tableFile: string): Promise<ImageCell> {
  const raw = toRawImage(pixels);
  const path = `table_images/${tableFile.slice(0, -extname(tableFile).length)}/${randomUUID()}`;
  const cell = { type: 'image', filepath: `${path}.png`, compressed_filepath: `${path}.webp` } as const;
  await files.artifacts.logContent(cell.filepath, await encodePng(raw));
  await files.artifacts.logContent(cell.compressed_filepath, encodeWebp(shrinkImage(raw, SMALL_SIZE)));
  return cell;
}

type ReadImage =
  | { readonly bytes: Uint8Array; readonly raw?: undefined }
  | { readonly bytes?: undefined; readonly raw: RawImage };

async function smallCopy({ bytes, raw }: ReadImage): Promise<Uint8Array> {
  if (bytes === undefined) return encodeWebp(shrinkImage(raw, SMALL_SIZE));
  const decoded = await decodePng(bytes);
  return decoded === undefined ? bytes : encodeWebp(shrinkImage(decoded, SMALL_SIZE));
}

async function readImage(image: ImageSource): Promise<ReadImage> {
  if (typeof image === 'string') return { bytes: requireImage(await readFile(image), `the file '${image}'`) };
  if (image instanceof Uint8Array) return { bytes: requireImage(image, `${image.length} bytes`) };
  if (isPixels(image)) return { raw: toRawImage(image) };
  throw invalidParameter(
    'Cannot log an image: found no pixels, bytes or path; pass { data, width, height }, a Buffer, or the path of a file.',
  );
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    return await fs.readFile(path);
  } catch (error) {
    throw toFileError(`read the image '${path}'`, error, 'read');
  }
}

/** First bytes of the kinds of images that browsers show. */
const KINDS = [/^\x89PNG\r\n/, /^\xff\xd8\xff/, /^RIFF....WEBP/s, /^GIF8/];

function requireImage(bytes: Uint8Array, what: string): Uint8Array {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (KINDS.some((kind) => kind.test(start))) return bytes;
  throw invalidParameter(
    `Cannot log an image: ${what} are neither PNG, JPEG, WebP nor GIF; pass pixels with their width and height, or log them as a file.`,
  );
}

function checkSeries(key: string, step: number, timestamp: number): void {
  if (typeof key !== 'string' || !/^[\w\-./ ]+$/.test(key)) {
    throw invalidParameter(
      `Cannot log an image under the key '${String(key)}': use letters, digits, _ - . / and spaces alone.`,
    );
  }
  if (Number.isSafeInteger(step) && Number.isSafeInteger(timestamp) && timestamp >= 0) return;
  throw invalidParameter(
    `Cannot log the image '${key}': step ${String(step)} and timestamp ${String(timestamp)} must be whole numbers.`,
  );
}
