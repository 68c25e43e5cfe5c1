import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Patch } from '../../src/autologging/definition.ts';
import { resetIntegrations } from '../../src/autologging/registry.ts';
import { withoutAutolog } from '../../src/autologging/session.ts';
import { holdStderr } from '../../src/testing/hold-stderr.ts';
import { withSpan } from '../../src/tracing/tracer.ts';
import { withRun } from '../../src/tracking/fluent/runs.ts';
import { type RecordedTraces, recordTraces } from '../support/record-traces.ts';
import { makeFixture } from './greeter.ts';

let recorded: RecordedTraces;

beforeEach(() => {
  recorded = recordTraces();
});

afterEach(resetIntegrations);

/** Patches methods of the greeter, each with a span of its name. */
function patchesOf(...keys: string[]): Patch[] {
  return keys.map((key) => ({ target: `Greeter.prototype.${key}`, span: { name: key, type: 'TOOL' } }));
}

function setUp(patches: readonly Patch[]) {
  const { load, autolog } = makeFixture(patches);
  autolog();
  const { Greeter } = load();
  return new Greeter();
}

/** Names of the spans with those above them, in the order of their end. */
function paths(): string[] {
  const byId = new Map(recorded.spans.map((span) => [span.spanId, span]));
  return recorded.spans.map((span) => {
    const above = byId.get(span.parentSpanId ?? '');
    return above === undefined ? span.name : `${above.name} > ${span.name}`;
  });
}

describe('a call inside a call', () => {
  it('of another function nests', () => {
    setUp(patchesOf('greetTwice', 'greet')).greetTwice('Ann');
    expect(paths()).toEqual(['greetTwice > greet', 'greetTwice > greet', 'greetTwice']);
  });

  it('of the same function passes through, however deep', () => {
    expect(setUp(patchesOf('again')).again(5, 'Ann')).toBe('Hello, Ann');
    expect(paths()).toEqual(['again']);
  });

  it('of the same function passes through in what it has started, and is recorded again after it', async () => {
    const greeter = setUp(patchesOf('run', 'greet'));
    await greeter.run(async () => {
      await turn();
      greeter.run(() => greeter.greet('Ann'));
    });
    expect(paths()).toEqual(['run > greet', 'run']);
    greeter.run(() => 1);
    expect(paths()).toEqual(['run > greet', 'run', 'run']);
  });

  it('of another integration nests, also on the same function', () => {
    const one = makeFixture(patchesOf('run'));
    const two = makeFixture(patchesOf('run'));
    one.autolog();
    two.autolog();
    const [first, second] = [new (one.load().Greeter)(), new (two.load().Greeter)()];
    first.run(() => second.run(() => 1));
    expect(paths()).toEqual(['run > run', 'run']);
  });

  it('by the program itself hangs under its spans', () => {
    const greeter = setUp(patchesOf('greet'));
    withSpan({ name: 'mine' }, () => greeter.greet('Ann'));
    expect(paths()).toEqual(['mine > greet', 'mine']);
  });

  it('passes through while the patch of the outer one has failed', () => {
    const broken: Patch = {
      target: 'Greeter.prototype.run',
      span: {
        type: 'TOOL',
        name: () => {
          throw new Error('not yours');
        },
      },
    };
    const greeter = setUp([broken, ...patchesOf('greet')]);
    const stderr = holdStderr();
    expect(greeter.run(() => greeter.greet('Ann'))).toBe('Hello, Ann');
    stderr.release();
    expect(stderr.text).toMatch(/not yours/);
    expect(paths()).toEqual([]);
    greeter.greet('Ann');
    expect(paths()).toEqual(['greet']);
  });

  it('is recorded while the inputs of the outer one could not be', () => {
    const half: Patch = {
      target: 'Greeter.prototype.run',
      span: {
        name: 'run',
        type: 'TOOL',
        inputs: () => {
          throw new Error('not yours');
        },
      },
    };
    const greeter = setUp([half, ...patchesOf('greet')]);
    const stderr = holdStderr();
    greeter.run(() => greeter.greet('Ann'));
    stderr.release();
    expect(paths()).toEqual(['run > greet', 'run']);
  });
});

it('a hundred calls at once have a trace each, with their own calls in it', async () => {
  const greeter = setUp(patchesOf('run', 'greet', 'greetLater'));
  const results = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      greeter.run(async () => {
        if (index % 3 === 0) await turn();
        const later = await greeter.greetLater(`a${index}`);
        return [later, greeter.greet(`b${index}`)];
      }),
    ),
  );
  expect(results[42]).toEqual(['Hello, a42', 'Hello, b42']);
  expect(recorded.traces).toHaveLength(100);
  const inputs = new Map<string, unknown[]>();
  for (const { traceId, attributes, name } of recorded.spans) {
    if (name !== 'run') inputs.set(traceId, [...(inputs.get(traceId) ?? []), attributes['mlflow.spanInputs']]);
  }
  for (const all of inputs.values()) {
    expect(new Set(all.map((input) => String(input).slice(1))).size).toBe(1);
    // greetLater calls greet.
    expect(all).toHaveLength(3);
  }
});

describe('withoutAutolog', () => {
  it('leaves a function and all that it starts alone, and nothing else', async () => {
    const greeter = setUp(patchesOf('greet', 'greetLater'));
    const silent = withoutAutolog(async () => {
      await turn();
      return greeter.greetLater('Ann');
    });
    greeter.greet('Ben');
    expect(await silent).toBe('Hello, Ann');
    greeter.greet('Cid');
    expect(recorded.spans.map(({ attributes }) => attributes['mlflow.spanInputs'])).toEqual(['Ben', 'Cid']);
  });

  it('may be nested: the end of the inner one does not end the outer', () => {
    const greeter = setUp(patchesOf('greet'));
    withoutAutolog(() => {
      withoutAutolog(() => greeter.greet('Ann'));
      greeter.greet('Ben');
    });
    expect(recorded.spans).toEqual([]);
  });

  it('passes results and errors on, and ends with both', () => {
    const greeter = setUp(patchesOf('greet'));
    const error = new Error('mine');
    expect(withoutAutolog(() => 7)).toBe(7);
    expect(() =>
      withoutAutolog(() => {
        throw error;
      }),
    ).toThrow(error);
    greeter.greet('Ann');
    expect(recorded.spans).toHaveLength(1);
  });

  it('leaves the spans of the program itself', () => {
    withoutAutolog(() => withSpan({ name: 'mine' }, () => 1));
    expect(paths()).toEqual(['mine']);
  });
});

describe('exclusive', () => {
  it('records no spans inside a run of the program, and all others', async () => {
    const { load, autolog } = makeFixture(patchesOf('greet'));
    autolog({ exclusive: true });
    const { Greeter } = load();
    const greeter = new Greeter();
    await withRun(async () => {
      await turn();
      greeter.greet('Ann');
    });
    greeter.greet('Ben');
    autolog();
    withRun(() => greeter.greet('Cid'));
    expect(recorded.spans.map(({ attributes }) => attributes['mlflow.spanInputs'])).toEqual(['Ben', 'Cid']);
  });
});
