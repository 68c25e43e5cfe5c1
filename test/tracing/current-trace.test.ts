import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failureCounts } from '../../src/failures.ts';
import {
  configureTracing,
  disableTracing,
  enableTracing,
  isTracingEnabled,
} from '../../src/tracing/configure-tracing.ts';
import { updateCurrentTrace } from '../../src/tracing/current-trace.ts';
import { lastActiveTraceId } from '../../src/tracing/last-trace.ts';
import { activeSpan, startManualSpan, withSpan } from '../../src/tracing/tracer.ts';
import type { TracingOptions } from '../../src/tracing/tracing-config.ts';
import { type RecordedTraces, recordTraces } from '../support/record-traces.ts';

let recorded: RecordedTraces;
const undos: (() => void)[] = [];

function configure(options: TracingOptions): void {
  undos.push(configureTracing(options));
}

beforeEach(() => {
  recorded = recordTraces();
});

afterEach(() => {
  for (const undo of undos.splice(0).reverse()) undo();
});

describe('updateCurrentTrace', () => {
  it('sets what is stored of the trace as a whole', () => {
    withSpan({ name: 'root', inputs: 'question' }, () => {
      updateCurrentTrace({ tags: { fruit: 'apple' }, metadata: { version: 7 }, sessionId: 's-1' });
      withSpan({ name: 'inner' }, () => {
        updateCurrentTrace({ tags: { color: 'red' }, user: 'ann', clientRequestId: 'r-1', modelId: 'm-1' });
        updateCurrentTrace({ requestPreview: 'asked', responsePreview: 'x'.repeat(2000), state: 'ERROR' });
      });
    });
    expect(recorded.traces).toMatchObject([
      {
        state: 'ERROR',
        requestPreview: 'asked',
        responsePreview: 'x'.repeat(1000),
        clientRequestId: 'r-1',
        tags: { 'mlflow.traceName': 'root', fruit: 'apple', color: 'red' },
        metadata: {
          version: '7',
          'mlflow.trace.session': 's-1',
          'mlflow.trace.user': 'ann',
          'mlflow.modelId': 'm-1',
        },
      },
    ]);
    expect(recorded.span('root').status.code).toBe('OK');
  });

  it('is told once, and does nothing, where no span is active', () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    updateCurrentTrace({ tags: { a: 'b' } });
    updateCurrentTrace({ tags: { a: 'b' } });
    const texts = stderr.mock.calls.map(([text]) => text);
    stderr.mockRestore();
    expect(texts).toEqual([
      'autolog: updateCurrentTrace: there is no active span; call it within withSpan or a traced function\n',
    ]);
  });

  it('refuses states and previews that mean nothing', () => {
    expect(() => updateCurrentTrace({ state: 'IN_PROGRESS' as never })).toThrow("its state is 'IN_PROGRESS'");
    expect(() => updateCurrentTrace({ requestPreview: 7 as never })).toThrow('requestPreview is a number');
  });
});

describe('a span by hand', () => {
  it('is a child of the active span, but not the active one itself', () => {
    withSpan({ name: 'root' }, (root) => {
      const span = startManualSpan({ name: 'stream' });
      expect(activeSpan()).toBe(root);
      span.end({ outputs: 'all' });
      startManualSpan({ name: 'apart' }, null).end();
      startManualSpan({ name: 'below' }, span).end();
    });
    expect(recorded.span('stream').parentSpanId).toBe(recorded.span('root').spanId);
    expect(recorded.span('apart').parentSpanId).toBeNull();
    expect(recorded.span('below').parentSpanId).toBe(recorded.span('stream').spanId);
    expect(recorded.traces).toHaveLength(2);
  });

  it('takes its times and links', () => {
    const link = { traceId: `tr-${'1'.repeat(32)}`, spanId: '2'.repeat(16), attributes: { why: 'retry' } };
    const span = startManualSpan({ name: 'past', startTimeUnixNano: 5_000_000_000n, links: [link] });
    span.addLink({ ...link, spanId: '3'.repeat(16) });
    span.end({ endTimeUnixNano: 7_000_000_000n });
    expect(recorded.span('past')).toMatchObject({
      startTimeUnixNano: '5000000000',
      endTimeUnixNano: '7000000000',
      links: [link, { ...link, spanId: '3'.repeat(16) }],
    });
    expect(recorded.traces).toMatchObject([{ executionDuration: 2000 }]);
  });

  it('is refused without a name', () => {
    expect(() => startManualSpan({ name: '' })).toThrow('Cannot begin a span: it has no name');
  });
});

describe('the last trace', () => {
  it('is the one whose root has ended last', () => {
    withSpan({ name: 'first' }, () => undefined);
    withSpan({ name: 'second' }, () => {
      expect(lastActiveTraceId()).toBe(recorded.span('first').traceId);
    });
    expect(lastActiveTraceId()).toBe(recorded.span('second').traceId);
  });
});

describe('sampling', () => {
  it('records the share of the traces that it is told, whole', () => {
    configure({ samplingRatio: 0.5 });
    for (let index = 0; index < 1000; index++)
      withSpan({ name: 'root' }, () => withSpan({ name: 'leaf' }, () => 1));
    const traceIds = new Set(recorded.traces.map(({ traceId }) => traceId));
    // 1000 throws of a coin: out of these bounds once in 10 ** 20.
    expect(traceIds.size).toBeGreaterThan(350);
    expect(traceIds.size).toBeLessThan(650);
    expect(recorded.spans).toHaveLength(traceIds.size * 2);
    expect(recorded.spans.every((span) => traceIds.has(span.traceId))).toBe(true);
  });

  it('is decided by the root, for it alone where it says so', () => {
    configure({ samplingRatio: 0 });
    expect(withSpan({ name: 'none' }, () => withSpan({ name: 'leaf', samplingRatio: 1 }, () => 7))).toBe(7);
    expect(recorded.spans).toEqual([]);
    withSpan({ name: 'all', samplingRatio: 1 }, () => withSpan({ name: 'leaf', samplingRatio: 0 }, () => 7));
    expect(recorded.spans.map(({ name }) => name)).toEqual(['leaf', 'all']);
  });

  it('leaves a span that works, and copies nothing', () => {
    configure({ samplingRatio: 0 });
    const inputs = {
      get text() {
        throw new Error('was read');
      },
    };
    withSpan({ name: 'none', inputs, attributes: { a: 1 } }, (span) => {
      span.addEvent('step');
      span.addLink({ traceId: span.traceId, spanId: span.spanId });
      updateCurrentTrace({ tags: { a: 'b' } });
      expect(span.traceId).toMatch(/^tr-[0-9a-f]{32}$/);
      expect(Object.keys(span.attributes)).toEqual(['mlflow.traceRequestId', 'mlflow.spanType']);
    });
  });

  it('is refused out of 0 to 1', () => {
    for (const samplingRatio of [-0.1, 1.1, Number.NaN, '1' as never]) {
      expect(() => configureTracing({ samplingRatio })).toThrow('it must be a number from 0 to 1');
    }
  });
});

describe('tracing that is off', () => {
  it('runs functions as before', () => {
    disableTracing();
    expect(isTracingEnabled()).toBe(false);
    expect(withSpan({ name: 'a' }, () => 7)).toBe(7);
    enableTracing();
    expect(recorded.spans).toEqual([]);
    withSpan({ name: 'b' }, () => 7);
    expect(recorded.spans).toHaveLength(1);
  });
});

describe('span processors', () => {
  it('see each span at its end, and change what is recorded and previewed', () => {
    const seen: string[] = [];
    configure({
      spanProcessors: [
        (span) => {
          seen.push(span.name);
          if (span.inputs !== undefined) span.setInputs('[left out]');
          span.setAttribute('api_key', '***');
        },
        (span) => span.setOutputs(`${String(span.outputs)}!`),
      ],
    });
    withSpan({ name: 'root', inputs: 'secret', attributes: { api_key: 'secret' } }, () => {
      withSpan({ name: 'leaf' }, () => 1);
      return 'done';
    });
    expect(seen).toEqual(['leaf', 'root']);
    expect(recorded.span('root').attributes).toMatchObject({
      'mlflow.spanInputs': '[left out]',
      'mlflow.spanOutputs': 'done!',
      api_key: '***',
    });
    expect(recorded.traces).toMatchObject([{ requestPreview: '"[left out]"', responsePreview: '"done!"' }]);
    expect(JSON.stringify([recorded.spans, recorded.traces])).not.toContain('secret');
  });

  it('can take out what events and the status say', () => {
    configure({
      spanProcessors: [
        (span) => {
          if (span.status.code === 'ERROR') span.setStatus({ code: 'ERROR', message: '[left out]' });
          span.clearEvents();
        },
      ],
    });
    const fail = () =>
      withSpan({ name: 'root' }, () => {
        throw new Error('secret');
      });
    expect(fail).toThrow('secret');
    expect(recorded.span('root')).toMatchObject({ status: { code: 'ERROR', message: '[left out]' }, events: [] });
  });

  for (const [title, processor] of [
    [
      'throws',
      () => {
        throw new Error('bad filter');
      },
    ],
    ['is async', async () => Promise.reject(new Error('later'))],
  ] as const) {
    it(`take the content of a span with them where one ${title}, and keep the span`, () => {
      const where = 'processing a span (its content is not recorded)';
      const before = failureCounts()[where] ?? 0;
      const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
      configure({ spanProcessors: [processor] });
      const fail = () =>
        withSpan({ name: 'root', type: 'TOOL', inputs: 'secret', attributes: { a: 'secret' } }, (span) => {
          span.addEvent('secret');
          throw new Error('secret');
        });
      expect(fail).toThrow('secret');
      expect(withSpan({ name: 'other', inputs: 'secret' }, () => 'secret')).toBe('secret');
      stderr.mockRestore();
      expect(failureCounts()[where]).toBe(before + 2);
      expect(JSON.stringify([recorded.spans, recorded.traces])).not.toContain('secret');
      expect(recorded.span('root')).toMatchObject({
        status: { code: 'ERROR', message: '' },
        attributes: { 'mlflow.spanType': 'TOOL', 'autolog.redacted': true },
        events: [],
      });
      expect(recorded.traces.map(({ state }) => state)).toEqual(['ERROR', 'OK']);
    });
  }

  it('are refused where they are no functions', () => {
    expect(() => configureTracing({ spanProcessors: [7 as never] })).toThrow('must be an array of functions');
  });
});

describe('a span of great size', () => {
  it('is cut with marks that say how much', () => {
    configure({ maxContentCharacters: 100 });
    withSpan({ name: 'long', inputs: 'x'.repeat(150) }, () => undefined);
    expect(recorded.span('long').attributes['mlflow.spanInputs']).toBe(`${'x'.repeat(100)}… [50 more characters]`);
  });

  it('counts the attributes, events and links that it leaves out', () => {
    withSpan({ name: 'many' }, (span) => {
      for (let index = 0; index < 1100; index++) {
        span.setAttribute(`key ${index}`, index);
        span.addEvent('step');
      }
      for (let index = 0; index < 130; index++) span.addLink({ traceId: span.traceId, spanId: span.spanId });
      return 'kept';
    });
    const { attributes, events, links } = recorded.span('many');
    expect([Object.keys(attributes).length < 1010, events.length, links?.length]).toEqual([true, 1000, 128]);
    expect(attributes).toMatchObject({ 'autolog.dropped': 100 + 100 + 2, 'mlflow.spanOutputs': 'kept' });
  });
});
