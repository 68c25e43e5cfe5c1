import { setImmediate as turn } from 'node:timers/promises';
import { context, trace as otel, ROOT_CONTEXT, type Span } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  InMemorySpanExporter,
  NodeTracerProvider,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configureTracing } from '../../src/tracing/configure-tracing.ts';
import { unseenByOpenTelemetry } from '../../src/tracing/open-telemetry.ts';
import { OtlpExporter } from '../../src/tracing/otlp/otlp-exporter.ts';
import { createSpanProcessor } from '../../src/tracing/span-processor.ts';
import { extractTraceContext } from '../../src/tracing/trace-context.ts';
import { activeSpan, connectTracing, startManualSpan, withSpan } from '../../src/tracing/tracer.ts';
import { type RecordedTraces, recordTraces } from '../support/record-traces.ts';

let recorded: RecordedTraces;
let exporter: InMemorySpanExporter;
let undo: () => void = () => undefined;

interface ProgramOptions {
  readonly sampler?: Sampler;
  readonly processor?: ReturnType<typeof createSpanProcessor>;
}

/** A program that has registered OpenTelemetry for itself. */
function register({ sampler, processor }: ProgramOptions = {}): void {
  exporter = new InMemorySpanExporter();
  const own = new SimpleSpanProcessor(exporter);
  const spanProcessors = processor === undefined ? [own] : [own, processor];
  new NodeTracerProvider({ spanProcessors, ...(sampler && { sampler }) }).register();
}

function inOtelSpan<R>(name: string, fn: (span: Span) => R): R {
  return otel.getTracer('program').startActiveSpan(name, (span) => {
    const result = fn(span);
    if (result instanceof Promise) return result.finally(() => span.end()) as R;
    span.end();
    return result;
  });
}

/** Names of what the program exported, each with that of its parent. */
function exported(): [name: string, parent: string | null][] {
  const spans = exporter.getFinishedSpans();
  const nameOf = (id?: string) => spans.find((span) => span.spanContext().spanId === id)?.name ?? null;
  return spans.map((span) => [span.name, nameOf(span.parentSpanContext?.spanId)]);
}

function ours(): [name: string, parent: string | null][] {
  const nameOf = (id: string | null) => recorded.spans.find(({ spanId }) => spanId === id)?.name ?? null;
  return recorded.spans.map(({ name, parentSpanId }) => [name, nameOf(parentSpanId)]);
}

beforeEach(() => {
  recorded = recordTraces();
});

afterEach(() => {
  undo();
  undo = () => undefined;
  otel.disable();
  context.disable();
  void createSpanProcessor().shutdown();
});

describe('beside the OpenTelemetry of the program', () => {
  it('a trace takes the id of the trace that it has grown from, and links to its span', () => {
    register();
    const outer = inOtelSpan('request', (span) => {
      withSpan({ name: 'answer' }, () => withSpan({ name: 'model' }, () => 1));
      return span.spanContext();
    });
    const link = { traceId: `tr-${outer.traceId}`, spanId: outer.spanId, attributes: {} };
    expect(recorded.span('answer')).toMatchObject({ traceId: link.traceId, parentSpanId: null, links: [link] });
    expect(recorded.span('model')).not.toHaveProperty('links');
    expect(recorded.traces).toMatchObject([{ traceId: link.traceId, state: 'OK' }]);
  });

  it('two traces within one of the program stay two', () => {
    register();
    inOtelSpan('request', () => {
      withSpan({ name: 'first' }, () => 1);
      withSpan({ name: 'second' }, () => 1);
    });
    expect(recorded.span('second').traceId).not.toBe(recorded.span('first').traceId);
    expect(recorded.span('second').links).toEqual(recorded.span('first').links);
    expect(recorded.traces).toHaveLength(2);
  });

  it('nothing of the program changes', () => {
    const run = () => {
      register();
      inOtelSpan('request', () => {
        withSpan({ name: 'answer' }, () => {
          otel.getActiveSpan()?.setAttribute('inside', true);
          inOtelSpan('query', () => 1);
        });
      });
      const spans = exporter.getFinishedSpans();
      return { tree: exported(), attributes: spans.map(({ attributes }) => attributes) };
    };
    expect(run()).toEqual({
      tree: [
        ['query', 'request'],
        ['request', null],
      ],
      attributes: [{}, { inside: true }],
    });
  });

  it('its sampling is its own', () => {
    register({ sampler: new AlwaysOffSampler() });
    inOtelSpan('request', () => withSpan({ name: 'answer' }, () => 1));
    expect(exported()).toEqual([]);
    expect(ours()).toEqual([['answer', null]]);
  });

  it('traces have ids of their own where that is wished', () => {
    register();
    undo = configureTracing({ openTelemetry: 'off' });
    inOtelSpan('request', (span) => {
      withSpan({ name: 'answer' }, () => 1);
      expect(recorded.span('answer').traceId).not.toBe(`tr-${span.spanContext().traceId}`);
    });
    expect(recorded.span('answer')).not.toHaveProperty('links');
  });
});

describe('with our span processor in the provider of the program', () => {
  it("the program's spans are recorded, ours within theirs and theirs within ours", async () => {
    register({ processor: createSpanProcessor() });
    await inOtelSpan('request', async () => {
      await turn();
      await withSpan({ name: 'answer' }, async () => {
        await turn();
        inOtelSpan('query', () => withSpan({ name: 'model' }, () => 1));
        withSpan({ name: 'parse' }, () => 1);
      });
    });
    expect(Object.fromEntries(ours())).toEqual({
      request: null,
      answer: 'request',
      query: 'answer',
      model: 'query',
      parse: 'answer',
    });
    expect(new Set(recorded.spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(recorded.traces).toMatchObject([{ tags: { 'mlflow.traceName': 'request' } }]);
    expect(exported()).toEqual([
      ['query', 'request'],
      ['request', null],
    ]);
    const [query] = exporter.getFinishedSpans() as [ReadableSpan];
    expect(recorded.span('query').spanId).toBe(query.spanContext().spanId);
    expect(recorded.span('query').traceId).toBe(`tr-${query.spanContext().traceId}`);
  });

  it('a span of the program within ours joins the trace of ours', () => {
    register({ processor: createSpanProcessor() });
    withSpan({ name: 'answer' }, () => inOtelSpan('query', () => 1));
    expect(ours()).toEqual([
      ['query', 'answer'],
      ['answer', null],
    ]);
    expect(exported()).toEqual([['query', null]]);
  });

  it('everything that a span says is taken: name, times, attributes, events, links, status', () => {
    register({ processor: createSpanProcessor() });
    const link = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), traceFlags: 1 };
    const options = {
      startTime: [5, 0] as [number, number],
      links: [{ context: link, attributes: { why: 'retry' } }],
    };
    const span = otel.getTracer('program').startSpan('GET', options);
    span.updateName('GET /users');
    span.setAttributes({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt',
      'gen_ai.usage.input_tokens': 3,
      'gen_ai.usage.output_tokens': 4,
      list: ['a', 'b'],
    });
    span.addEvent('step', { n: 1 }, [6, 5]);
    span.setStatus({ code: 2, message: 'bad' });
    span.end([7, 0]);
    expect(recorded.span('GET /users')).toMatchObject({
      startTimeUnixNano: '5000000000',
      endTimeUnixNano: '7000000000',
      status: { code: 'ERROR', message: 'bad' },
      attributes: {
        'mlflow.spanType': 'CHAT_MODEL',
        'mlflow.llm.model': 'gpt',
        'mlflow.chat.tokenUsage': { input_tokens: 3, output_tokens: 4, total_tokens: 7 },
        list: ['a', 'b'],
      },
      events: [{ name: 'step', timeUnixNano: '6000000005', attributes: { n: 1 } }],
      links: [{ traceId: `tr-${link.traceId}`, spanId: link.spanId, attributes: { why: 'retry' } }],
    });
    expect(recorded.traces).toMatchObject([{ state: 'ERROR', tags: { 'mlflow.traceName': 'GET /users' } }]);
  });

  const remote = { traceId: 'e'.repeat(32), spanId: 'f'.repeat(16), traceFlags: 1, isRemote: true };

  it('a span with a caller elsewhere is part of the trace that the caller records', () => {
    register({ processor: createSpanProcessor() });
    const parent = otel.setSpanContext(ROOT_CONTEXT, remote);
    otel.getTracer('program').startSpan('handle', {}, parent).end();
    expect(recorded.span('handle')).toMatchObject({
      traceId: `tr-${remote.traceId}`,
      parentSpanId: remote.spanId,
    });
    expect(recorded.traces).toEqual([]);
  });

  it('it is a root where callers record nothing', () => {
    register({ processor: createSpanProcessor({ isCallerRecorded: false }) });
    const parent = otel.setSpanContext(ROOT_CONTEXT, { ...remote, traceId: '9'.repeat(32) });
    otel.getTracer('program').startSpan('handle', {}, parent).end();
    expect(recorded.span('handle')).toMatchObject({ traceId: `tr-${'9'.repeat(32)}`, parentSpanId: null });
    expect(recorded.traces).toHaveLength(1);
  });

  it('a span that the program makes a root stays within ours', () => {
    register({ processor: createSpanProcessor() });
    inOtelSpan('request', () =>
      withSpan({ name: 'answer' }, () => otel.getTracer('program').startSpan('apart', { root: true }).end()),
    );
    expect(Object.fromEntries(ours())).toEqual({ request: null, answer: 'request', apart: 'answer' });
  });

  it('spans of another trace that the program names stay there', () => {
    register({ processor: createSpanProcessor() });
    const other = otel.getTracer('program').startSpan('other');
    withSpan({ name: 'answer' }, () => {
      otel.getTracer('program').startSpan('late', {}, otel.setSpan(context.active(), other)).end();
    });
    other.end();
    expect(Object.fromEntries(ours())).toEqual({ answer: null, other: null, late: 'other' });
  });
});

describe("shared with the program's tracer", () => {
  beforeEach(() => {
    undo = configureTracing({ openTelemetry: 'share' });
  });

  it('our spans are exported by the program too, under the same ids, and its spans within them', async () => {
    register();
    await inOtelSpan('request', async () => {
      await withSpan({ name: 'answer', type: 'AGENT' }, async () => {
        await turn();
        inOtelSpan('query', () => withSpan({ name: 'model' }, () => 1));
        startManualSpan({ name: 'manual' }).end();
      });
    });
    expect(Object.fromEntries(exported())).toEqual({
      request: null,
      answer: 'request',
      query: 'answer',
      model: 'query',
      manual: 'answer',
    });
    const byName = new Map(exporter.getFinishedSpans().map((span) => [span.name, span.spanContext()]));
    for (const span of recorded.spans) {
      expect(byName.get(span.name)?.spanId).toBe(span.spanId);
      expect(`tr-${byName.get(span.name)?.traceId}`).toBe(span.traceId);
    }
    expect(ours()).toEqual([
      ['model', 'answer'],
      ['manual', 'answer'],
      ['answer', null],
    ]);
  });

  it('they carry what ours say, with the conventions for generative AI', () => {
    register();
    const fail = () =>
      withSpan({ name: 'model', type: 'CHAT_MODEL', inputs: { model: 'gpt', temperature: 0.5 } }, (span) => {
        span.addEvent('step', { n: 1 });
        span.setUsage({ input_tokens: 3, output_tokens: 4 });
        throw new TypeError('bad');
      });
    expect(fail).toThrow('bad');
    const [span] = exporter.getFinishedSpans();
    expect(span).toMatchObject({ status: { code: 2, message: 'bad' } });
    expect(span?.attributes).toMatchObject({
      'mlflow.spanType': 'CHAT_MODEL',
      'mlflow.spanInputs': '{"model":"gpt","temperature":0.5}',
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt',
      'gen_ai.request.temperature': 0.5,
      'gen_ai.usage.input_tokens': 3,
      'error.type': 'TypeError',
    });
    expect(span?.events.map(({ name }) => name)).toEqual(['step', 'exception']);
  });

  it('the sampler of the program decides what it exports, and nothing else', () => {
    register({ sampler: new ParentBasedSampler({ root: new AlwaysOffSampler() }) });
    withSpan({ name: 'answer' }, () => inOtelSpan('query', () => 1));
    expect(exported()).toEqual([]);
    expect(ours()).toEqual([['answer', null]]);
  });

  it('with our processor too, each span is recorded once', () => {
    register({ processor: createSpanProcessor() });
    inOtelSpan('request', () => withSpan({ name: 'answer' }, () => inOtelSpan('query', () => 1)));
    expect(ours()).toEqual([
      ['query', 'answer'],
      ['answer', 'request'],
      ['request', null],
    ]);
    expect(exported()).toEqual([
      ['query', 'answer'],
      ['answer', 'request'],
      ['request', null],
    ]);
  });

  it('a caller elsewhere is our parent as before', () => {
    register();
    const traceparent = `00-${'7'.repeat(32)}-${'8'.repeat(16)}-01`;
    extractTraceContext({ traceparent }, () => withSpan({ name: 'handle' }, () => 1));
    expect(recorded.span('handle')).toMatchObject({
      traceId: `tr-${'7'.repeat(32)}`,
      parentSpanId: '8'.repeat(16),
    });
  });

  it('everything is as usual where the program has registered nothing', () => {
    withSpan({ name: 'answer' }, () => expect(activeSpan()?.name).toBe('answer'));
    expect(ours()).toEqual([['answer', null]]);
  });

  it('a tracer that fails is reported, and the span recorded', async () => {
    register();
    otel.disable();
    otel.setGlobalTracerProvider({
      getTracer() {
        throw new Error('broken provider');
      },
    });
    const { stderr } = process;
    const write = stderr.write;
    stderr.write = () => true;
    withSpan({ name: 'answer' }, () => 1);
    stderr.write = write;
    expect(ours()).toEqual([['answer', null]]);
  });
});

describe('what we do ourselves', () => {
  it('is not sent to a collector a second time', () => {
    const settings = {
      url: 'http://127.0.0.1:9/v1/traces',
      headers: {},
      isCompressed: false,
      timeoutMs: 1000,
      tls: {},
      resource: {},
      maxQueueSize: 10,
      maxBatchSize: 10,
      delayMs: 60_000,
      isDual: false,
    };
    const sink = new OtlpExporter(settings);
    connectTracing(() => ({ sink, experiment: { id: '0' }, metadata: {} }));
    register({ processor: createSpanProcessor() });
    inOtelSpan('request', () => withSpan({ name: 'answer' }, () => 1));
    expect(sink.counts.queued).toBe(1);
    undo = configureTracing({ openTelemetry: 'share' });
    inOtelSpan('request', () => withSpan({ name: 'answer' }, () => 1));
    expect(sink.counts.queued).toBe(1);
    sink.close();
  });

  it('is kept from the instrumentations of the program', () => {
    register();
    inOtelSpan('request', () => {
      unseenByOpenTelemetry(() => inOtelSpan('export', () => 1));
    });
    expect(exported()).toEqual([['request', null]]);
  });
});
