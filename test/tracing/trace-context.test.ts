import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { flush, MlflowClient, setTrackingUri } from '../../src/index.ts';
import { configureTracing } from '../../src/tracing/configure-tracing.ts';
import {
  extractTraceContext,
  injectTraceContext,
  parseTraceparent,
  traceContextHeaders,
} from '../../src/tracing/trace-context.ts';
import { withSpan } from '../../src/tracing/tracer.ts';
import { type RecordedTraces, recordTraces } from '../support/record-traces.ts';

const TRACE = 'a'.repeat(32);
const SPAN = 'b'.repeat(16);
const HEADER = `00-${TRACE}-${SPAN}-01`;

let recorded: RecordedTraces;

beforeEach(() => {
  recorded = recordTraces();
});

describe('parseTraceparent', () => {
  const sampled = { traceId: TRACE, spanId: SPAN, isSampled: true };
  const cases: readonly [text: string | undefined, parsed: unknown][] = [
    [HEADER, sampled],
    [` ${HEADER} `, sampled],
    [`00-${TRACE}-${SPAN}-00`, { ...sampled, isSampled: false }],
    [`00-${TRACE}-${SPAN}-03`, sampled],
    [`01-${TRACE}-${SPAN}-01-more`, sampled],
    [`00-${TRACE}-${SPAN}-01-more`, null],
    [`ff-${TRACE}-${SPAN}-01`, null],
    [`00-${'0'.repeat(32)}-${SPAN}-01`, null],
    [`00-${TRACE}-${'0'.repeat(16)}-01`, null],
    [`00-${TRACE.toUpperCase()}-${SPAN}-01`, null],
    [`00-${TRACE}-${SPAN}`, null],
    ['', null],
    [undefined, null],
  ];
  for (const [header, parsed] of cases) {
    it(`reads ${header}`, () => {
      expect(parseTraceparent(header)).toEqual(parsed);
    });
  }
});

describe('injectTraceContext', () => {
  it('puts the active span into headers of either kind', () => {
    withSpan({ name: 'root' }, (span) => {
      const expected = `00-${span.traceId.slice(3)}-${span.spanId}-01`;
      const plain = { accept: 'x' };
      expect(injectTraceContext(plain)).toBe(plain);
      expect(plain).toEqual({ accept: 'x', traceparent: expected });
      expect(injectTraceContext(new Headers()).get('traceparent')).toBe(expected);
    });
  });

  it('changes nothing without an active span', () => {
    expect(injectTraceContext({})).toEqual({});
  });

  it('says that a trace is not recorded', () => {
    const header = withSpan({ name: 'root', samplingRatio: 0 }, () => traceContextHeaders().traceparent);
    expect(header).toMatch(/-00$/);
    extractTraceContext({ traceparent: header }, () => withSpan({ name: 'there' }, () => 1));
    expect(recorded.spans).toEqual([]);
  });
});

describe('extractTraceContext', () => {
  const headers: readonly [title: string, headers: Parameters<typeof extractTraceContext>[0]][] = [
    ['of node:http', { traceparent: HEADER }],
    ['with a capital', { Traceparent: HEADER }],
    ['in lists', { traceparent: [HEADER] }],
    ['of fetch', new Headers({ traceparent: HEADER })],
  ];
  for (const [title, given] of headers) {
    it(`takes headers ${title}`, () => {
      expect(extractTraceContext(given, () => withSpan({ name: 'there' }, () => 7))).toBe(7);
      expect(recorded.span('there')).toMatchObject({ traceId: `tr-${TRACE}`, parentSpanId: SPAN });
      expect(recorded.traces).toEqual([]);
    });
  }

  it('leaves an active span of this process, and passes the header on', () => {
    withSpan({ name: 'here' }, () => {
      extractTraceContext({ traceparent: HEADER }, () => {
        expect(traceContextHeaders()).toEqual({ traceparent: HEADER });
        withSpan({ name: 'there' }, () => withSpan({ name: 'below' }, () => 1));
      });
      withSpan({ name: 'again' }, () => 1);
    });
    expect(recorded.span('there').parentSpanId).toBe(SPAN);
    expect(recorded.span('below').parentSpanId).toBe(recorded.span('there').spanId);
    expect(recorded.span('again').parentSpanId).toBe(recorded.span('here').spanId);
  });

  it('makes the first span a root where the caller has recorded none', () => {
    const traceparent = `00-${'c'.repeat(32)}-${SPAN}-00`;
    const handle = () =>
      extractTraceContext({ traceparent }, () => withSpan({ name: 'handle' }, () => 1), {
        isCallerRecorded: false,
      });
    handle();
    handle();
    const [first, second] = recorded.spans;
    expect(first).toMatchObject({ traceId: `tr-${'c'.repeat(32)}`, parentSpanId: null });
    expect(second?.traceId).not.toBe(first?.traceId);
    for (const span of recorded.spans) {
      expect(span.links).toEqual([{ traceId: `tr-${'c'.repeat(32)}`, spanId: SPAN, attributes: {} }]);
    }
    expect(recorded.traces).toHaveLength(2);
  });

  it('changes nothing for headers that name no span', () => {
    for (const traceparent of ['no', '', undefined, [HEADER, HEADER]]) {
      extractTraceContext({ traceparent }, () => withSpan({ name: 'alone' }, () => 1));
    }
    expect(recorded.spans.map(({ parentSpanId }) => parentSpanId)).toEqual([null, null, null, null]);
  });

  it('is refused without a function', () => {
    expect(() => extractTraceContext({}, undefined as never)).toThrow('found undefined, not a function');
  });
});

describe('requests by fetch', () => {
  let server: http.Server;
  let origin: string;
  const seen: (string | undefined)[] = [];

  beforeEach(async () => {
    seen.length = 0;
    server = http.createServer((request, response) => {
      seen.push(request.headers.traceparent as string | undefined);
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  it('get the active span where the configuration names their origin, and nowhere else', async () => {
    const undo = configureTracing({ propagateTo: [origin] });
    await fetch(origin);
    const spanId = await withSpan({ name: 'call' }, async (span) => {
      await fetch(origin);
      await fetch(origin, { headers: { traceparent: HEADER } });
      return span.spanId;
    });
    undo();
    await withSpan({ name: 'call' }, () => fetch(origin));
    expect(seen).toEqual([undefined, expect.stringContaining(`-${spanId}-01`), HEADER, undefined]);
  });
});

describe('two services', () => {
  it('share one trace', async () => {
    const folder = fs.mkdtempSync(path.resolve('services-'));
    const uri = `sqlite:///${path.join(folder, 'mlflow.db')}`;
    const program = path.join(import.meta.dirname, 'service-program.ts');
    const env = { ...process.env, MLFLOW_TRACKING_URI: uri };
    const service = spawn(process.execPath, [program, 'serve'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    const [port] = (await once(service.stdout, 'data')) as [Buffer];
    const caller = spawn(process.execPath, [program, 'call', String(port)], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const answer = await text(caller.stdout);
    service.stdin.end();
    await once(service, 'close');
    setTrackingUri(uri);
    await flush();
    const client = new MlflowClient(uri);
    const traces = (await client.searchTraces({ experimentIds: ['0'] })).items;
    expect(traces.map(({ traceId, state }) => [traceId, state])).toEqual([[answer.trim(), 'OK']]);
    const { spans } = await client.getTrace(answer.trim());
    const nameOf = (id: string | null) => spans.find(({ spanId }) => spanId === id)?.name ?? null;
    expect(spans.map(({ name, parentSpanId }) => [name, nameOf(parentSpanId)])).toEqual([
      ['ask', null],
      ['request', 'ask'],
      ['handle', 'request'],
      ['think', 'handle'],
    ]);
  });
});
