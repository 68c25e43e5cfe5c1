import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { activeSpan, connectTracing, startSpan, withSpan } from '../../src/tracing/tracer.ts';
import { type RecordedTraces, recordTraces } from '../support/record-traces.ts';

let recorded: RecordedTraces;

beforeEach(() => {
  recorded = recordTraces();
});

describe('withSpan', () => {
  it('records a function, its inputs and what it returns', () => {
    const sum = withSpan(
      { name: 'add', type: 'TOOL', inputs: { a: 1, b: 2 }, attributes: { unit: 'mm' } },
      (span) => {
        expect(activeSpan()).toBe(span);
        return 3;
      },
    );
    expect(sum).toBe(3);
    expect(activeSpan()).toBeNull();
    const [span] = recorded.spans;
    expect(span).toMatchObject({
      name: 'add',
      parentSpanId: null,
      status: { code: 'OK', message: '' },
      experiment: { name: 'test' },
      attributes: {
        'mlflow.spanType': 'TOOL',
        'mlflow.spanInputs': { a: 1, b: 2 },
        'mlflow.spanOutputs': 3,
        'mlflow.traceRequestId': span?.traceId,
        unit: 'mm',
      },
    });
    expect(span?.traceId).toMatch(/^tr-[0-9a-f]{32}$/);
    expect(span?.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(recorded.traces).toMatchObject([
      {
        traceId: span?.traceId,
        state: 'OK',
        requestPreview: '{"a":1,"b":2}',
        responsePreview: '3',
        metadata: {
          'mlflow.source.name': 'a.js',
          'mlflow.trace_schema.version': '3',
          'mlflow.traceInputs': '{"a":1,"b":2}',
          'mlflow.traceOutputs': '3',
        },
        tags: { 'mlflow.traceName': 'add' },
      },
    ]);
  });

  it('waits for a promise, and passes its value on', async () => {
    const result = withSpan({ name: 'wait' }, async () => {
      await turn();
      return activeSpan()?.name;
    });
    expect(recorded.spans).toEqual([]);
    expect(await result).toBe('wait');
    const { startTimeUnixNano, endTimeUnixNano } = recorded.span('wait');
    expect(BigInt(endTimeUnixNano)).toBeGreaterThan(BigInt(startTimeUnixNano));
    expect(Math.abs(Number(BigInt(startTimeUnixNano) / 1_000_000n) - Date.now())).toBeLessThan(60_000);
  });

  it('keeps outputs that the function has set itself', () => {
    withSpan({ name: 'own' }, (span) => {
      span.setOutputs('mine');
      return 'theirs';
    });
    expect(recorded.span('own').attributes['mlflow.spanOutputs']).toBe('mine');
  });

  const thrown: readonly [name: string, error: unknown, type: string, message: string][] = [
    ['an error', new TypeError('bad'), 'TypeError', 'bad'],
    ['a string', 'bad', 'string', 'bad'],
    ['undefined', undefined, 'undefined', 'undefined'],
    ['what has no text', Object.create(null), 'object', 'unknown error'],
  ];

  for (const [name, error, type, message] of thrown) {
    it(`passes ${name} on as it is, thrown or rejected, and records it`, async () => {
      const caught: unknown[] = [];
      try {
        withSpan({ name: 'sync' }, () => {
          throw error;
        });
      } catch (each) {
        caught.push(each);
      }
      await withSpan({ name: 'async' }, () => Promise.reject(error)).catch((each) => caught.push(each));
      expect(caught).toHaveLength(2);
      for (const each of caught) expect(each).toBe(error);
      for (const span of recorded.spans) {
        expect(span.status).toEqual({ code: 'ERROR', message });
        expect(span.events).toMatchObject([
          { name: 'exception', attributes: { 'exception.type': type, 'exception.message': message } },
        ]);
      }
      expect(recorded.traces.map(({ state }) => state)).toEqual(['ERROR', 'ERROR']);
    });
  }

  it('throws when there is no place for the trace, before the function is called', () => {
    connectTracing(() => {
      throw new Error('no store');
    });
    let calls = 0;
    expect(() => withSpan({ name: 'a' }, () => calls++)).toThrow('no store');
    expect(calls).toBe(0);
  });
});

describe('spans', () => {
  it('nest across a hundred interleaved tasks, each in a trace of its own', async () => {
    const task = (index: number) =>
      withSpan({ name: 'task', inputs: index }, async () => {
        await turn();
        await Promise.all(
          [0, 1, 2].map((part) =>
            withSpan({ name: 'part', inputs: [index, part] }, async () => {
              if ((index + part) % 2 === 0) await turn();
              withSpan({ name: 'leaf', inputs: [index, part] }, () => index);
              await turn();
            }),
          ),
        );
        return index;
      });
    const results = await Promise.all(Array.from({ length: 100 }, (_, index) => task(index)));
    expect(results).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(recorded.traces).toHaveLength(100);
    const byId = new Map(recorded.spans.map((span) => [span.spanId, span]));
    expect(byId.size).toBe(700);
    const inputs = (id: string | null | undefined) => byId.get(id ?? '')?.attributes['mlflow.spanInputs'];
    for (const span of recorded.spans) {
      const own = span.attributes['mlflow.spanInputs'];
      if (span.name === 'task') expect(span.parentSpanId).toBeNull();
      if (span.name === 'part') expect([inputs(span.parentSpanId)]).toEqual((own as number[]).slice(0, 1));
      if (span.name === 'leaf') expect(inputs(span.parentSpanId)).toEqual(own);
      const parent = byId.get(span.parentSpanId ?? '');
      if (parent !== undefined) expect(parent.traceId).toBe(span.traceId);
    }
  });

  it('hang under the next span above that has not ended', () => {
    withSpan({ name: 'root' }, () => {
      withSpan({ name: 'middle' }, (middle) => {
        middle.end();
        withSpan({ name: 'leaf' }, () => undefined);
      });
    });
    expect(recorded.span('leaf').parentSpanId).toBe(recorded.span('root').spanId);
  });

  it('begin a trace of their own once the root has ended', async () => {
    let later: Promise<void> | undefined;
    withSpan({ name: 'root' }, () => {
      later = turn().then(() => withSpan({ name: 'later' }, () => undefined));
    });
    await later;
    expect(recorded.span('later').parentSpanId).toBeNull();
    expect(recorded.traces).toHaveLength(2);
  });

  it('that end after the root are stored in its trace', async () => {
    let late: Promise<string> | undefined;
    withSpan({ name: 'root' }, () => {
      late = withSpan({ name: 'late' }, async () => {
        await turn();
        return 'done';
      });
    });
    expect(recorded.traces).toHaveLength(1);
    expect(await late).toBe('done');
    expect(recorded.traces).toHaveLength(1);
    expect(recorded.span('late')).toMatchObject({
      traceId: recorded.traces[0]?.traceId,
      parentSpanId: recorded.span('root').spanId,
      status: { code: 'OK' },
    });
  });

  it('do not change after their end, nor with what they were given', () => {
    const span = startSpan({ name: 'once', inputs: { list: [1] } });
    const outputs = { list: [1] };
    span.end({ outputs });
    outputs.list.push(2);
    span.setOutputs('other');
    span.addEvent('late');
    span.setStatus({ code: 'ERROR', message: 'late' });
    span.end({ error: new Error('late') });
    span.fail(new Error('late'));
    expect(recorded.spans).toHaveLength(1);
    expect(recorded.span('once')).toMatchObject({
      status: { code: 'OK' },
      attributes: { 'mlflow.spanOutputs': { list: [1] } },
      events: [],
    });
  });

  it('keep the status and events that they were given', () => {
    withSpan({ name: 'given' }, (span) => {
      span.addEvent('retry', { count: 2 });
      span.setStatus({ code: 'ERROR', message: 'half' });
    });
    const span = recorded.span('given');
    expect(span.status).toEqual({ code: 'ERROR', message: 'half' });
    expect(span.events).toMatchObject([{ name: 'retry', attributes: { count: 2 } }]);
  });

  it('take the session and the user of the trace from the first span that names them', () => {
    withSpan({ name: 'root' }, () => {
      withSpan({ name: 'a', attributes: { 'session.id': 's-1', 'user.id': 'u-1' } }, () => undefined);
      withSpan({ name: 'b', attributes: { 'session.id': 's-2' } }, () => undefined);
    });
    expect(recorded.traces).toMatchObject([
      { metadata: { 'mlflow.trace.session': 's-1', 'mlflow.trace.user': 'u-1' } },
    ]);
  });
});
