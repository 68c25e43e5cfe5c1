import type { SpanResult } from '../../src/integration.ts';
import { isObject, objectsIn } from './json-object.ts';
import { replyResult } from './reply.ts';

const VALUES = 8;
const VECTORS = 20;

/**
 * What an embeddings reply says of its span: how many vectors of which size, and the first 8 values of the first 20.
 *
 * The rest would be megabytes for what nobody reads in a trace.
 */
export function embeddingResult(reply: unknown): SpanResult {
  if (!isObject(reply)) return replyResult(reply);
  const { data, ...rest } = reply;
  const vectors = objectsIn(data);
  return replyResult(reply, {
    ...rest,
    count: vectors.length,
    dimensions: dimensionsOf(vectors[0]?.embedding),
    data: vectors
      .slice(0, VECTORS)
      .map(({ index, embedding }) => ({ index, first_values: firstValues(embedding) })),
  });
}

function dimensionsOf(embedding: unknown): number {
  if (typeof embedding === 'string')
    return Buffer.byteLength(embedding, 'base64') / Float32Array.BYTES_PER_ELEMENT;
  return isArrayLike(embedding) ? embedding.length : 0;
}

/** The API's base64 holds little-endian 32-bit floats. */
function firstValues(embedding: unknown): number[] {
  if (isArrayLike(embedding))
    return Array.from({ length: Math.min(VALUES, embedding.length) }, (_, at) => embedding[at] ?? 0);
  if (typeof embedding !== 'string') return [];
  const bytes = Buffer.from(embedding.slice(0, 4 * VALUES * 2), 'base64');
  const length = Math.min(VALUES, Math.floor(bytes.length / Float32Array.BYTES_PER_ELEMENT));
  return Array.from({ length }, (_, at) => bytes.readFloatLE(at * Float32Array.BYTES_PER_ELEMENT));
}

function isArrayLike(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}
