import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flush } from '../../src/autologging/flush.ts';
import { MlflowClient, setTrackingUri } from '../../src/index.ts';
import type { SpanRecord } from '../../src/store/log-record.ts';
import { Attachment } from '../../src/tracing/attachment.ts';
import { genAiAttributes } from '../../src/tracing/genai-attributes.ts';
import { lastActiveTraceId } from '../../src/tracing/last-trace.ts';
import { extractTraceContext, injectTraceContext } from '../../src/tracing/trace-context.ts';
import { withSpan } from '../../src/tracing/tracer.ts';
import { requireMlflow } from '../support/requirements.ts';
import { genAiCases } from '../tracing/genai-cases.ts';
import { pythonEnvironment, runPython, toUri } from './python.ts';
import { type MlflowServer, startMlflowServer } from './server-process.ts';

const mlflow = requireMlflow();

describe.skipIf(mlflow.isMissing)(mlflow.title('attachments, read by MLflow'), () => {
  it('are what was given', async () => {
    const uri = toUri(path.resolve('attached.db'));
    setTrackingUri(uri);
    const content = Buffer.from('89504e470d0a1a0a00ff', 'hex');
    const long = Buffer.alloc(70, 9);
    withSpan({ name: 'draw', inputs: { url: `data:audio/wav;base64,${long.toString('base64')}` } }, () => [
      new Attachment({ contentType: 'image/png', content }),
    ]);
    await flush();
    const traceId = lastActiveTraceId() ?? '';
    expect(await runPython('read_attachments.py', uri, traceId)).toEqual([
      ['audio/wav', traceId, 70, long.toString('base64')],
      ['image/png', traceId, 10, content.toString('base64')],
    ]);
  });
});

describe.skipIf(mlflow.isMissing)(mlflow.title("OpenTelemetry's conventions for generative AI"), () => {
  it('say of a call what MLflow has them say', async () => {
    fs.writeFileSync('cases.json', JSON.stringify(genAiCases));
    const theirs = await runPython<Record<string, unknown>[]>('genai.py', path.resolve('cases.json'));
    expect(theirs).toHaveLength(genAiCases.length);
    for (const [index, { title, inputs, outputs }] of genAiCases.entries()) {
      const attributes = {
        'mlflow.spanType': 'CHAT_MODEL',
        'mlflow.spanInputs': inputs,
        'mlflow.spanOutputs': outputs,
      };
      const record = withRecord(attributes);
      const { 'gen_ai.operation.name': _, 'gen_ai.request.model': __, ...ours } = genAiAttributes(record);
      expect(readable(ours), title).toEqual(readable(theirs[index] ?? {}));
    }
  });
});

function withRecord(attributes: SpanRecord['attributes']): SpanRecord {
  const times = { startTimeUnixNano: '1', endTimeUnixNano: '2' };
  const ids = { traceId: `tr-${'1'.repeat(32)}`, spanId: '2'.repeat(16), parentSpanId: null };
  const status = { code: 'OK', message: '' } as const;
  return { op: 'span', experiment: { id: '0' }, name: 'chat', ...ids, ...times, status, attributes, events: [] };
}

/** Without the spaces that Python writes into JSON. */
function readable(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(attributes).map(([key, value]) => [
    key,
    isJson(value) ? JSON.parse(value) : value,
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function isJson(value: unknown): value is string {
  return typeof value === 'string' && /^[[{]/.test(value);
}

describe.skipIf(mlflow.isMissing)(mlflow.title('a trace of two services, one of them in Python'), () => {
  it('has our spans below those of a caller in Python', async () => {
    const uri = toUri(path.resolve('called.db'));
    setTrackingUri(uri);
    await new MlflowClient(uri).searchExperiments();
    const script = path.join(import.meta.dirname, 'python/other_service.py');
    const caller = spawn(mlflow.python, [script, uri, 'call'], {
      env: pythonEnvironment(),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const lines = createInterface(caller.stdout)[Symbol.asyncIterator]();
    const headers = JSON.parse(String((await lines.next()).value)) as Record<string, string>;
    extractTraceContext(headers, () => withSpan({ name: 'handle' }, () => withSpan({ name: 'think' }, () => 1)));
    await flush();
    caller.stdin.end('go on\n');
    expect(JSON.parse(String((await lines.next()).value))).toEqual({
      state: 'OK',
      tree: [
        ['ask', null],
        ['handle', 'ask'],
        ['think', 'handle'],
      ],
    });
  });

  it('has the spans of a service in Python below ours', async () => {
    const uri = toUri(path.resolve('calling.db'));
    setTrackingUri(uri);
    await withSpan({ name: 'ask' }, async () => {
      await new MlflowClient(uri).searchExperiments();
      await runPython('other_service.py', uri, 'serve', injectTraceContext({ traceparent: '' }).traceparent);
    });
    const { info, spans } = await new MlflowClient(uri).getTrace(lastActiveTraceId() ?? '');
    const nameOf = (id: string | null) => spans.find(({ spanId }) => spanId === id)?.name ?? null;
    expect(info.state).toBe('OK');
    expect(spans.map(({ name, parentSpanId }) => [name, nameOf(parentSpanId)])).toEqual([
      ['ask', null],
      ['handle', 'ask'],
    ]);
  });
});

interface StoredTrace {
  readonly trace: {
    readonly trace_info: Readonly<Record<string, unknown>>;
    readonly spans: readonly {
      readonly name: string;
      readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
    }[];
  };
}

describe.skipIf(mlflow.isMissing)(mlflow.title('mlflow server as the collector of spans'), () => {
  let server: MlflowServer;

  beforeAll(async () => {
    server = await startMlflowServer(toUri(path.resolve('collected.db')));
  });

  afterAll(() => server?.stop());

  for (const compression of ['none', 'gzip']) {
    it(`stores what is sent to it by OTLP (compression ${compression})`, async () => {
      const program = path.resolve(import.meta.dirname, '../tracing/otlp-program.ts');
      const env = {
        ...process.env,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${server.url}/v1/traces`,
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-mlflow-experiment-id=0',
        OTEL_EXPORTER_OTLP_COMPRESSION: compression,
      };
      const folder = fs.mkdtempSync(path.resolve('collected-'));
      const { stdout, stderr } = spawnSync(process.execPath, [program, 'flush'], {
        cwd: folder,
        env,
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toMatchObject({ counts: { exported: 2, dropped: 0, queued: 0 } });
      const locations = [{ type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: '0' } }];
      const response = await fetch(`${server.url}/api/3.0/mlflow/traces/search`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ locations, max_results: 1 }),
      });
      const [info] = ((await response.json()) as { traces: { trace_id: string }[] }).traces;
      expect(info).toMatchObject({
        state: 'OK',
        request_preview: '{"model": "gpt", "n": 0}',
        response_preview: '"done"',
      });
      const answer = await fetch(
        `${server.url}/api/3.0/mlflow/traces/get?trace_id=${info?.trace_id}&allow_partial=true`,
      );
      const { trace } = (await answer.json()) as StoredTrace;
      expect(trace.spans.map(({ name }) => name).sort()).toEqual(['leaf 0', 'root 0']);
    });
  }
});
