import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** A span as the collector has got it. */
export interface CollectedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A request as the collector has got it. */
export interface CollectedRequest {
  readonly path: string | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly spans: readonly CollectedSpan[];
  readonly resource: Readonly<Record<string, unknown>>;
}

/** What the collector answers; null: nothing, the connection is cut. */
export interface CollectorAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface Collector {
  readonly url: string;
  readonly requests: CollectedRequest[];
  /** Answers of the next requests, in order; then 200. */
  readonly answers: (CollectorAnswer | null)[];
  readonly spanNames: readonly string[];
  close(): void;
}

/** Starts a collector of OTLP over HTTP on the loopback interface. */
export async function startCollector(): Promise<Collector> {
  const requests: CollectedRequest[] = [];
  const answers: (CollectorAnswer | null)[] = [];
  const server = http.createServer((request, response) => {
    void buffer(request).then((sent) => {
      const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
      requests.push({ path: request.url, headers: request.headers, ...readRequest(bytes) });
      const answer = answers.length === 0 ? { status: 200 } : answers.shift();
      if (!answer) return request.socket.destroy();
      response.writeHead(answer.status, { 'content-type': 'application/x-protobuf', ...answer.headers });
      return response.end(answer.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answers,
    get spanNames() {
      return requests.flatMap(({ spans }) => spans.map(({ name }) => name));
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

type Fields = Map<number, (bigint | Buffer)[]>;

/** Numbers are those of the fields in opentelemetry/proto/trace/v1/trace.proto. */
function readRequest(bytes: Buffer): Pick<CollectedRequest, 'spans' | 'resource'> {
  const [resourceSpans] = messages(fields(bytes), 1);
  if (resourceSpans === undefined) return { spans: [], resource: {} };
  const [resource] = messages(resourceSpans, 1);
  const spans = messages(resourceSpans, 2).flatMap((scope) => messages(scope, 2));
  return { spans: spans.map(readSpan), resource: resource === undefined ? {} : attributesOf(resource, 1) };
}

function readSpan(span: Fields): CollectedSpan {
  return {
    traceId: bytesOf(span, 1).toString('hex'),
    spanId: bytesOf(span, 2).toString('hex'),
    parentSpanId: bytesOf(span, 4).toString('hex'),
    name: bytesOf(span, 5).toString(),
    attributes: attributesOf(span, 9),
  };
}

function attributesOf(message: Fields, number: number): Record<string, unknown> {
  const pairs = messages(message, number);
  return Object.fromEntries(pairs.map((pair) => [bytesOf(pair, 1).toString(), readValue(messages(pair, 2)[0])]));
}

function readValue(value: Fields | undefined): unknown {
  if (value === undefined) return null;
  const text = value.get(1)?.[0];
  if (text !== undefined) return text.toString();
  if (value.has(2)) return value.get(2)?.[0] === 1n;
  if (value.has(3)) return Number(BigInt.asIntN(64, value.get(3)?.[0] as bigint));
  if (value.has(4)) return bytesOf(value, 4).readDoubleLE(0);
  if (value.has(5)) return messages(messages(value, 5)[0] as Fields, 1).map(readValue);
  return value.has(6) ? attributesOf(messages(value, 6)[0] as Fields, 1) : null;
}

function bytesOf(message: Fields, number: number): Buffer {
  return (message.get(number)?.[0] as Buffer | undefined) ?? Buffer.alloc(0);
}

function messages(message: Fields, number: number): Fields[] {
  return (message.get(number) ?? []).map((bytes) => fields(bytes as Buffer));
}

function fields(bytes: Buffer): Fields {
  const found: Fields = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] as number;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Buffer => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const kind = tag & 7;
    const value = kind === 0 ? varint() : take(kind === 1 ? 8 : kind === 5 ? 4 : Number(varint()));
    found.set(tag >> 3, [...(found.get(tag >> 3) ?? []), value]);
  }
  return found;
}
