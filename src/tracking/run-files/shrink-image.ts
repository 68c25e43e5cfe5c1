import type { RawImage } from './pixels.ts';

/** Makes an image fit into a square of `limit` pixels, each pixel the mean of those that it stands for. */
export function shrinkImage(image: RawImage, limit: number): RawImage {
  const scale = Math.max(image.width, image.height) / limit;
  if (scale <= 1) return image;
  const width = Math.max(1, Math.floor(image.width / scale));
  const height = Math.max(1, Math.floor(image.height / scale));
  const data = new Uint8Array(width * height * image.channels);
  for (let y = 0; y < height; y++) {
    const rows = share(y, height, image.height);
    for (let x = 0; x < width; x++) {
      const columns = share(x, width, image.width);
      for (let channel = 0; channel < image.channels; channel++) {
        data[(y * width + x) * image.channels + channel] = mean(image, rows, columns, channel);
      }
    }
  }
  return { data, width, height, channels: image.channels };
}

type Range = readonly [from: number, to: number];

/** The part of a longer row that one place of a shorter one stands for. */
function share(index: number, count: number, length: number): Range {
  const from = Math.floor((index * length) / count);
  return [from, Math.max(from + 1, Math.floor(((index + 1) * length) / count))];
}

function mean(image: RawImage, [top, bottom]: Range, [left, right]: Range, channel: number): number {
  let sum = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      sum += image.data[(y * image.width + x) * image.channels + channel] as number;
    }
  }
  return Math.round(sum / ((bottom - top) * (right - left)));
}
