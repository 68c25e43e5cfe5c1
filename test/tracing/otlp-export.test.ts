import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MlflowClient } from '../../src/index.ts';
import type { ExportCounts } from '../../src/tracing/otlp/otlp-exporter.ts';
import { type Collector, startCollector } from './collector.ts';

let collector: Collector;
let folder: string;

beforeEach(async () => {
  collector = await startCollector();
  folder = fs.mkdtempSync(path.resolve('otlp-'));
});

afterEach(() => collector.close());

interface Outcome {
  readonly stderr: string;
  readonly code: number | null;
  readonly counts?: ExportCounts | null;
  readonly failures?: Readonly<Record<string, number>>;
  readonly tookMs?: number;
}

async function run(mode: string, env: Readonly<Record<string, string>> = {}, count = 1): Promise<Outcome> {
  const program = path.join(import.meta.dirname, 'otlp-program.ts');
  const given = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env };
  const child = spawn(process.execPath, [program, mode, String(count)], { cwd: folder, env: given });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { stderr, code, ...(stdout === '' ? {} : (JSON.parse(stdout) as Partial<Outcome>)) };
}

async function storedCount(): Promise<number> {
  const file = path.join(folder, 'mlflow.db');
  if (!fs.existsSync(file)) return 0;
  return (await new MlflowClient(`sqlite:///${file}`).searchTraces({ experimentIds: ['0'] })).items.length;
}

describe('a collector', () => {
  it('gets the spans instead of the store, with the conventions beside the attributes of MLflow', async () => {
    const env = { OTEL_SERVICE_NAME: 'shop', OTEL_RESOURCE_ATTRIBUTES: 'team=a%20b,service.name=other' };
    const { stderr, counts } = await run('flush', env);
    expect({ stderr, counts }).toEqual({ stderr: '', counts: { exported: 2, dropped: 0, queued: 0 } });
    const [request] = collector.requests;
    expect(request).toMatchObject({
      path: '/v1/traces',
      headers: { 'content-type': 'application/x-protobuf' },
      resource: { 'service.name': 'shop', team: 'a b', 'telemetry.sdk.name': 'autolog' },
    });
    const [leaf, root] = request?.spans ?? [];
    expect(leaf).toMatchObject({ name: 'leaf 0', traceId: root?.traceId, parentSpanId: root?.spanId });
    expect(root).toMatchObject({
      name: 'root 0',
      parentSpanId: '',
      attributes: {
        'mlflow.spanType': 'CHAT_MODEL',
        'mlflow.spanInputs': { model: 'gpt', n: 0 },
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'gpt',
      },
    });
    expect(await storedCount()).toBe(0);
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it('gets them beside the store where that is wished', async () => {
    await run('flush', { MLFLOW_TRACE_ENABLE_OTLP_DUAL_EXPORT: 'true' });
    expect(collector.spanNames).toEqual(['leaf 0', 'root 0']);
    expect(await storedCount()).toBe(1);
  });

  it('gets nothing where the export is off', async () => {
    await run('flush', { MLFLOW_ENABLE_OTLP_EXPORTER: 'false' });
    expect(collector.requests).toEqual([]);
    expect(await storedCount()).toBe(1);
  });

  it('gets headers, and what is compressed, at the address for traces', async () => {
    await run('flush', {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/own/path`,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20a%3Db,x-all=1',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-all=2',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    });
    expect(collector.requests).toMatchObject([
      { path: '/own/path', headers: { authorization: 'Bearer a=b', 'x-all': '2', 'content-encoding': 'gzip' } },
    ]);
    expect(collector.spanNames).toHaveLength(2);
  });

  it('gets what is left when the program ends by itself', async () => {
    const { stderr, code } = await run('end', {}, 3);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(collector.spanNames).toHaveLength(6);
  });

  it('gets batches', async () => {
    await run('flush', { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '4' }, 5);
    expect(collector.requests.map(({ spans }) => spans.length)).toEqual([4, 4, 2]);
    expect(new Set(collector.spanNames).size).toBe(10);
  });

  it('is asked again after statuses that pass, at the time it says, and after a cut connection', async () => {
    collector.answers.push({ status: 503, headers: { 'retry-after': '0' } }, null, {
      status: 429,
      headers: { 'retry-after': '0' },
    });
    const { counts, stderr } = await run('flush');
    expect({ counts, stderr }).toEqual({ counts: { exported: 2, dropped: 0, queued: 0 }, stderr: '' });
    expect(collector.requests).toHaveLength(4);
  });

  it('is not asked again after a refusal, which is counted and told once', async () => {
    collector.answers.push({ status: 400 }, { status: 401 });
    const { counts, stderr, failures } = await run('flush', { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2' }, 2);
    const where = `sending spans to ${new URL(collector.url).host}`;
    expect(counts).toEqual({ exported: 0, dropped: 4, queued: 0 });
    expect(failures).toEqual({ [where]: 2 });
    expect(stderr).toBe(`autolog: ${where}: 2 were lost: the collector has answered with 400\n`);
  });

  it('says what it has not taken of a request', async () => {
    // partial_success { rejected_spans: 1, error_message: "bad" }
    const body = Buffer.from([0x0a, 0x07, 0x08, 0x01, 0x12, 0x03, 0x62, 0x61, 0x64]);
    collector.answers.push({ status: 200, body });
    const { counts, stderr } = await run('flush');
    expect(counts).toEqual({ exported: 1, dropped: 1, queued: 0 });
    expect(stderr).toContain('1 was lost: bad');
  });

  it('that is away loses the spans, not the program', async () => {
    collector.close();
    const { stderr, code } = await run('end', { AUTOLOG_TESTING: '' });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^autolog: sending spans to 127\.0\.0\.1:\d+: 2 were lost: connect ECONNREFUSED/);
  });

  it('cannot get what process.exit leaves behind, which is told', async () => {
    const { stderr, code } = await run('exit');
    expect(code).toBe(0);
    expect(stderr).toContain('2 were lost: the program ended before they were sent; await flush()');
  });

  it('has a queue with a bound', async () => {
    const { counts, stderr } = await run(
      'flush',
      { OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '100' },
      50,
    );
    expect(counts).toEqual({ exported: 10, dropped: 90, queued: 0 });
    expect(stderr).toContain('1 was lost: more than 10 spans waited');
  });

  for (const [title, env, message] of [
    ['speaks gRPC alone', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_PROTOCOL is grpc'],
    ['has no URL', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' }, 'OTEL_EXPORTER_OTLP_ENDPOINT is no http(s) URL'],
  ] as const) {
    it(`that ${title} is left out, which is told, and the store keeps the spans`, async () => {
      const { stderr } = await run('flush', env);
      expect(stderr).toContain(message);
      expect(collector.requests).toEqual([]);
      expect(await storedCount()).toBe(1);
    });
  }
});
