import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObserveHooks } from '../../src/autologging/definition.ts';
import type { RecordedSpan, Recorder } from '../../src/autologging/recorder.ts';
import { resetIntegrations } from '../../src/autologging/registry.ts';
import { withoutAutolog } from '../../src/autologging/session.ts';
import { activeSpan, withSpan } from '../../src/tracing/tracer.ts';
import { withRun } from '../../src/tracking/fluent/runs.ts';
import { type RecordedTraces, recordTraces } from '../support/record-traces.ts';
import { makeFixture } from './greeter.ts';

let recorded: RecordedTraces;

beforeEach(() => {
  recorded = recordTraces();
});

afterEach(resetIntegrations);

function setUp(key: string, observe: ObserveHooks, options: object = {}) {
  const { load, autolog } = makeFixture([{ target: `Greeter.prototype.${key}`, observe }]);
  autolog(options);
  const { Greeter } = load();
  return { greeter: new Greeter(), autolog };
}

describe('a watched function', () => {
  it('gets other arguments where the integration says so; the array of the caller stays', () => {
    const { greeter } = setUp('greet', { args: ({ args }) => [`dear ${args[0]}`] });
    const args: [string] = ['Ann'];
    expect(greeter.greet(...args)).toBe('Hello, dear Ann');
    expect(args).toEqual(['Ann']);
  });

  it('tells its result, also that of a promise', async () => {
    const results: unknown[] = [];
    const { greeter } = setUp('greetLater', { result: (result) => results.push(result) });
    expect(await greeter.greetLater('Ann')).toBe('Hello, Ann');
    expect(results).toEqual(['Hello, Ann']);
  });

  it('is left alone while the integration is off or suppressed', () => {
    const results: unknown[] = [];
    const { greeter, autolog } = setUp('greet', {
      args: () => results.splice(0),
      result: (result) => results.push(result),
    });
    withoutAutolog(() => greeter.greet('Ann'));
    autolog({ disable: true });
    greeter.greet('Ann');
    expect(results).toEqual([]);
  });
});

describe('a recorder', () => {
  it('tells whether anything is to be recorded, and the configuration', () => {
    const seen: unknown[] = [];
    let kept: Recorder | undefined;
    const result: ObserveHooks['result'] = (_result, _call, recorder) => {
      kept = recorder;
      seen.push([recorder.isRecording(), recorder.config.logTraces]);
    };
    const { greeter, autolog } = setUp('greet', { result });
    greeter.greet('Ann');
    autolog({ logTraces: false });
    greeter.greet('Ann');
    autolog({ exclusive: true });
    withRun(() => greeter.greet('Ann'));
    greeter.greet('Ann');
    expect(seen).toEqual([
      [true, true],
      [false, false],
      [true, true],
    ]);
    expect(withoutAutolog(() => kept?.isRecording())).toBe(false);
    autolog({ disable: true });
    expect(kept?.isRecording()).toBe(false);
    expect(kept?.config.logTraces).toBe(true);
  });

  it('records spans under one another and under those of the program', () => {
    const { greeter } = setUp('greet', {
      result(result, _call, recorder) {
        const outer: RecordedSpan = recorder.startSpan({ name: 'outer' });
        const inner = recorder.startSpan({ name: 'inner', parent: outer, inputs: 1 });
        inner.setAttributes({ part: 'inner' });
        inner.addEvent('seen');
        inner.end({ outputs: result });
        outer.end();
      },
    });
    withSpan({ name: 'mine' }, () => greeter.greet('Ann'));
    const [inner, outer, mine] = recorded.spans;
    expect([inner?.parentSpanId, outer?.parentSpanId]).toEqual([outer?.spanId, mine?.spanId]);
    expect(inner).toMatchObject({
      attributes: { part: 'inner', 'mlflow.spanOutputs': 'Hello, Ann' },
      events: [{ name: 'seen' }],
    });
  });

  it('hangs a span under the active one where that lies deeper in the same trace', () => {
    const { greeter } = setUp('greet', {
      result(_result, _call, recorder) {
        const outer = recorder.startSpan({ name: 'outer' });
        withSpan({ name: 'other' }, () => recorder.startSpan({ name: 'apart', parent: outer }).end());
        outer.end();
      },
    });
    greeter.greet('Ann');
    expect(recorded.span('apart').parentSpanId).toBe(recorded.span('outer').spanId);
  });

  it('ties a function to the context in which it was bound', async () => {
    const bound: (() => unknown)[] = [];
    const { greeter } = setUp('greet', {
      result: (_result, _call, recorder) => bound.push(recorder.bind(() => activeSpan()?.name)),
    });
    await withSpan({ name: 'mine' }, async () => {
      greeter.greet('Ann');
      await turn();
      expect(withSpan({ name: 'other' }, () => bound[0]?.())).toBe('mine');
    });
  });
});

describe('a scope', () => {
  it('has the span active that the first event in it brings, for what follows in the call', async () => {
    let recorder: Recorder | undefined;
    const hooks: ObserveHooks = {
      scope: true,
      args: (_call, own) => {
        recorder = own;
        return undefined;
      },
    };
    const { greeter } = setUp('run', hooks);
    await greeter.run(async () => {
      await turn();
      const brought = recorder?.startSpan({ name: 'brought', fillScope: true });
      recorder?.startSpan({ name: 'second', fillScope: true }).end();
      expect(activeSpan()?.name).toBe('brought');
      await turn();
      withSpan({ name: 'below' }, () => undefined);
      brought?.end();
    });
    expect(activeSpan()).toBeNull();
    const { spanId } = recorded.span('brought');
    expect(recorded.span('below').parentSpanId).toBe(spanId);
    expect(recorded.span('second').parentSpanId).toBe(spanId);
  });

  it('ends its span when the consumer of its stream breaks off, and says so', async () => {
    let recorder: Recorder | undefined;
    const keep: ObserveHooks['args'] = (_call, own) => {
      recorder = own;
      return undefined;
    };
    const bring: ObserveHooks['args'] = () => {
      recorder?.startSpan({ name: 'brought', fillScope: true });
      return undefined;
    };
    const { load, autolog } = makeFixture([
      { target: 'Greeter.prototype.stream', observe: { scope: true, args: keep } },
      { target: 'Greeter.prototype.greet', observe: { args: bring } },
    ]);
    autolog();
    const { Greeter } = load();
    for await (const greeting of new Greeter().stream('Ann', 'Ben')) {
      expect(greeting).toBe('Hello, Ann');
      break;
    }
    expect(recorded.span('brought').attributes).toMatchObject({ 'autolog.cancelled': true });
  });
});
