import http from 'node:http';
import https from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { OtlpSettings } from './otlp-settings.ts';
import { type PartialSuccess, readPartialSuccess } from './partial-success.ts';

/** What a collector has answered. */
export interface OtlpAnswer {
  readonly status: number;
  /** Milliseconds to wait before the next attempt, where the collector has said so. */
  readonly retryAfterMs: number | null;
  readonly partial: PartialSuccess;
}

/** Sends requests to one collector, over connections that are kept. */
export interface OtlpClient {
  /** Rejects where there is no answer in time. */
  send(body: Uint8Array): Promise<OtlpAnswer>;
  close(): void;
}

/** Longer answers are of no collector. */
const MAX_ANSWER_BYTES = 64 * 1024;
const compress = promisify(gzip);

/** Makes the client of a collector. */
export function createOtlpClient({ url, headers, isCompressed, timeoutMs, tls }: OtlpSettings): OtlpClient {
  const { request, Agent } = url.toLowerCase().startsWith('https:') ? https : http;
  const agent = new Agent({ keepAlive: true, ...tls });
  return {
    async send(body) {
      const content = isCompressed ? await compress(body) : body;
      return new Promise((resolve, reject) => {
        const sent = request(url, {
          method: 'POST',
          agent,
          signal: AbortSignal.timeout(timeoutMs),
          headers: {
            ...headers,
            'content-type': 'application/x-protobuf',
            'content-length': content.length,
            ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
          },
        });
        sent.once('error', reject);
        sent.once('response', (response) => resolve(readAnswer(response)));
        sent.end(content);
      });
    },
    close: () => agent.destroy(),
  };
}

async function readAnswer(response: http.IncomingMessage): Promise<OtlpAnswer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= MAX_ANSWER_BYTES) chunks.push(chunk);
  }
  const status = response.statusCode ?? 0;
  const isProtobuf = response.headers['content-type']?.startsWith('application/x-protobuf') === true;
  const partial = status === 200 && isProtobuf ? readPartialSuccess(Buffer.concat(chunks)) : { rejectedCount: 0 };
  return { status, retryAfterMs: retryAfterMs(response.headers['retry-after']), partial };
}

/** Seconds, or a date. */
function retryAfterMs(text: string | undefined): number | null {
  if (text === undefined) return null;
  const seconds = Number(text);
  const waitMs = Number.isNaN(seconds) ? Date.parse(text) - Date.now() : seconds * 1000;
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : null;
}
