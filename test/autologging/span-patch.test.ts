import type { EventEmitter } from 'node:events';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChunkCollector, SpanHooks } from '../../src/autologging/definition.ts';
import { resetIntegrations } from '../../src/autologging/registry.ts';
import { failureCounts } from '../../src/failures.ts';
import { holdStderr } from '../../src/testing/hold-stderr.ts';
import { endOpenTraces } from '../../src/tracing/tracer.ts';
import type { Library } from '../support/make-library.ts';
import { type RecordedTraces, recordTraces } from '../support/record-traces.ts';
import { makeFixture, span } from './greeter.ts';

let recorded: RecordedTraces;

beforeEach(() => {
  recorded = recordTraces();
});

afterEach(() => {
  endOpenTraces();
  resetIntegrations();
});

function thrower(): never {
  throw new Error('not yours');
}

async function readAll(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const chunk of stream) all.push(chunk);
  return all;
}

function collect(): ChunkCollector {
  const chunks: unknown[] = [];
  return { add: (chunk) => chunks.push(chunk), result: () => ({ outputs: [...chunks] }) };
}

function untilEnd(result: unknown, done: (end: { outputs: unknown }) => void): boolean {
  (result as EventEmitter).on('end', (all: unknown) => done({ outputs: all }));
  return true;
}

interface Kind {
  readonly kind: string;
  readonly target: string;
  readonly hooks?: Partial<SpanHooks>;
  /** Hooks that this kind of call comes to. */
  readonly reached: readonly string[];
  readonly call: (library: Library) => unknown;
  /** Waits for all that the call does, and returns what it gave. */
  readonly settle?: (result: unknown) => Promise<unknown>;
  readonly outputs: unknown;
}

const BEFORE = ['name', 'type', 'inputs', 'attributes', 'skip'];

const KINDS: readonly Kind[] = [
  {
    kind: 'a method',
    target: 'Greeter.prototype.greet',
    reached: [...BEFORE, 'result'],
    call: ({ Greeter }) => new Greeter().greet('Ann'),
    outputs: 'Hello, Ann',
  },
  {
    kind: 'an inherited method',
    target: 'PoliteGreeter.prototype.greet',
    reached: [...BEFORE, 'result'],
    call: ({ PoliteGreeter }) => new PoliteGreeter('Dear').greet('Ann'),
    outputs: 'Dear, Ann',
  },
  {
    kind: 'an exported function',
    target: 'greet',
    reached: [...BEFORE, 'result'],
    call: (library) => library.greet('Ann'),
    outputs: 'Hello, Ann',
  },
  {
    kind: 'a static method',
    target: 'Greeter.create',
    hooks: { result: (result) => ({ outputs: (result as { word: string }).word }) },
    reached: BEFORE,
    call: ({ Greeter }) => Greeter.create('Hi').word,
    outputs: 'Hi',
  },
  {
    kind: 'a method from a getter',
    target: 'Greeter.prototype.greetByGetter',
    reached: [...BEFORE, 'result'],
    call: ({ Greeter }) => new Greeter().greetByGetter('Ann'),
    outputs: 'Hello, Ann',
  },
  {
    kind: 'a promise',
    target: 'Greeter.prototype.greetLater',
    reached: [...BEFORE, 'result'],
    call: ({ Greeter }) => new Greeter().greetLater('Ann'),
    settle: async (result) => await result,
    outputs: 'Hello, Ann',
  },
  {
    kind: 'a lazy thenable',
    target: 'Greeter.prototype.greetLazily',
    reached: [...BEFORE, 'result'],
    call: ({ Greeter }) => new Greeter().greetLazily('Ann'),
    settle: async (result) => [await result, (result as { startCount: number }).startCount],
    outputs: 'Hello, Ann',
  },
  {
    kind: 'an async generator',
    target: 'Greeter.prototype.stream',
    hooks: { stream: collect },
    reached: [...BEFORE, 'stream'],
    call: ({ Greeter }) => new Greeter().stream('Ann', 'Ben'),
    settle: (result) => readAll(result as AsyncIterable<unknown>),
    outputs: ['Hello, Ann', 'Hello, Ben'],
  },
  {
    kind: 'an event emitter',
    target: 'Greeter.prototype.announce',
    hooks: { pending: untilEnd },
    reached: [...BEFORE, 'pending'],
    call: ({ Greeter }) => new Greeter().announce('Ann', 'Ben'),
    settle: async (result) => (await once(result as EventEmitter, 'end'))[0],
    outputs: ['Hello, Ann', 'Hello, Ben'],
  },
];

describe.each(KINDS)('a call that gives $kind', ({ target, hooks, reached, call, settle, outputs }) => {
  const finish = async (result: unknown): Promise<unknown> => (settle === undefined ? result : settle(result));

  it('gives the same as without the patch, and is recorded', async () => {
    const { load, autolog: turn } = makeFixture([{ target, span: { ...span, ...hooks } }]);
    const library = load();
    const expected = await finish(call(library));
    turn();
    expect(await finish(call(library))).toEqual(expected);
    expect(recorded.span('greet')).toMatchObject({
      status: { code: 'OK' },
      attributes: { 'mlflow.spanOutputs': outputs },
    });
    turn({ disable: true });
    expect(await finish(call(library))).toEqual(expected);
    expect(recorded.spans).toHaveLength(1);
  });

  for (const hook of reached) {
    it(`gives the same when ${hook} throws, which is told once and counted`, async () => {
      const fixture = makeFixture([{ target, span: { ...span, ...hooks, [hook]: thrower } }]);
      const library = fixture.load();
      const expected = await finish(call(library));
      fixture.autolog();
      const stderr = holdStderr();
      const results = [await finish(call(library)), await finish(call(library))];
      stderr.release();
      expect(results).toEqual([expected, expected]);
      expect(stderr.text).toBe(`autolog: ${fixture.name} ${target}: not yours\n`);
      expect(failureCounts()[`${fixture.name} ${target}`]).toBe(2);
      const isRecorded = !['name', 'type', 'skip'].includes(hook);
      expect(recorded.spans).toHaveLength(isRecorded ? 2 : 0);
    });
  }

  it('gives the same when there is no store, which is told', async () => {
    const fixture = makeFixture([{ target, span: { ...span, ...hooks } }]);
    const library = fixture.load();
    const expected = await finish(call(library));
    fixture.autolog();
    recordTraces(() => {
      throw new Error('no room');
    });
    const stderr = holdStderr();
    const result = await finish(call(library));
    stderr.release();
    expect(result).toEqual(expected);
    expect(stderr.text).toBe(`autolog: ${fixture.name} ${target}: no room\n`);
  });
});

describe('a call that fails', () => {
  const FAILURES = [new TypeError('theirs'), 'text', null, undefined];

  for (const target of ['refuse', 'refuseLater'] as const) {
    for (const error of FAILURES) {
      it(`by ${target} with ${String(error)} fails with the very same, and is recorded as failed`, async () => {
        const { load, autolog: turn } = makeFixture([{ target: `Greeter.prototype.${target}`, span }]);
        const { Greeter } = load();
        turn();
        let caught: unknown = 'nothing';
        try {
          await new Greeter()[target](error);
        } catch (each) {
          caught = each;
        }
        expect(caught).toBe(error);
        expect(recorded.span('greet')).toMatchObject({
          status: { code: 'ERROR' },
          events: [{ name: 'exception' }],
        });
        expect(recorded.traces[0]?.state).toBe('ERROR');
      });
    }
  }
});

describe('a stream', () => {
  const setUp = (hooks: Partial<SpanHooks> = { stream: collect }) => {
    const { load, autolog: turn } = makeFixture([
      { target: 'Greeter.prototype.stream', span: { ...span, name: 'stream', ...hooks } },
      { target: 'Greeter.prototype.greet', span },
    ]);
    const { Greeter } = load();
    turn();
    return new Greeter();
  };

  it('is open until it ends; its first chunk is an event, and what it calls hangs under it', async () => {
    const stream = setUp().stream('Ann', 'Ben');
    expect(recorded.spans).toEqual([]);
    await readAll(stream);
    const { spanId, events } = recorded.span('stream');
    expect(events.map(({ name }) => name)).toEqual(['first_chunk']);
    expect(recorded.spans.map(({ parentSpanId }) => parentSpanId)).toEqual([spanId, spanId, null]);
  });

  it('that is left early has what came until then, and says so', async () => {
    for await (const greeting of setUp().stream('Ann', 'Ben')) {
      expect(greeting).toBe('Hello, Ann');
      break;
    }
    expect(recorded.span('stream')).toMatchObject({
      status: { code: 'OK' },
      attributes: { 'mlflow.spanOutputs': ['Hello, Ann'], 'autolog.cancelled': true },
    });
  });

  it('that fails has what came until then, and the error', async () => {
    const error = new Error('theirs');
    await expect(readAll(setUp().stream('Ann', error))).rejects.toBe(error);
    expect(recorded.span('stream')).toMatchObject({
      status: { code: 'ERROR', message: 'theirs' },
      attributes: { 'mlflow.spanOutputs': ['Hello, Ann'] },
    });
  });

  it('that nobody reads is ended as it is, in the end', () => {
    setUp().stream('Ann');
    endOpenTraces();
    expect(recorded.span('stream')).toMatchObject({ status: { code: 'UNSET' } });
  });

  it('without a collector ends its span at once', () => {
    setUp({}).stream('Ann');
    expect(recorded.span('stream').status.code).toBe('OK');
  });

  for (const [what, collector] of [
    ['taking a chunk', { add: thrower, result: () => ({ outputs: 'rest' }) }],
    ['summing up', { add: () => undefined, result: thrower }],
  ] as const) {
    it(`is read to its end when ${what} throws`, async () => {
      const stderr = holdStderr();
      const all = await readAll(setUp({ stream: () => collector }).stream('Ann', 'Ben'));
      stderr.release();
      expect(all).toEqual(['Hello, Ann', 'Hello, Ben']);
      expect(stderr.text).toMatch(/^autolog: library-\d+ Greeter\.prototype\.stream: not yours\n$/);
      expect(recorded.span('stream').status.code).toBe('OK');
    });
  }
});

describe('hooks', () => {
  it('get the call, the result and the configuration', () => {
    const seen: Record<string, unknown> = {};
    const { load, autolog: turn } = makeFixture([
      {
        target: 'Greeter.prototype.greet',
        span: {
          name: ({ args }) => (args.length === 1 ? 'one' : 'many'),
          type: ({ self }) => (self instanceof load().Greeter ? 'AGENT' : 'UNKNOWN'),
          inputs: ({ args }, config) => ({ args, silent: config.silent }),
          attributes: () => ({ unit: 'words', left: undefined }),
          result: (result, call, config) => {
            Object.assign(seen, { result, call, config });
            return { outputs: 'out', usage: { total_tokens: 2 }, attributes: { late: 1 } };
          },
        },
      },
    ]);
    const { Greeter } = load();
    turn({ silent: true });
    const greeter = new Greeter();
    greeter.greet('Ann');
    expect(seen).toMatchObject({ result: 'Hello, Ann', config: { silent: true } });
    expect((seen.call as { self: unknown }).self).toBe(greeter);
    const { attributes } = recorded.span('one');
    expect(attributes).toMatchObject({
      'mlflow.spanType': 'AGENT',
      'mlflow.spanInputs': { args: ['Ann'], silent: true },
      'mlflow.spanOutputs': 'out',
      'mlflow.chat.tokenUsage': { total_tokens: 2 },
      unit: 'words',
      late: 1,
    });
    expect(attributes).not.toHaveProperty('left');
  });

  it('may find an error in what the call gave', () => {
    const { load, autolog: turn } = makeFixture([
      { target: 'greet', span: { ...span, result: () => ({ outputs: 1, error: new RangeError('half') }) } },
    ]);
    const library = load();
    turn();
    expect(library.greet('Ann')).toBe('Hello, Ann');
    expect(recorded.span('greet').status).toEqual({ code: 'ERROR', message: 'half' });
  });

  it('do not see what the program changes later', async () => {
    const { load, autolog: turn } = makeFixture([{ target: 'Greeter.prototype.greetLater', span }]);
    const { Greeter } = load();
    turn();
    const name = { first: 'Ann', toString: () => 'Ann' };
    const greeting = new Greeter().greetLater(name);
    name.first = 'Ben';
    await greeting;
    expect(recorded.span('greet').attributes['mlflow.spanInputs']).toMatchObject({ first: 'Ann' });
  });
});

describe('in test mode', () => {
  beforeEach(() => {
    process.env.AUTOLOG_TESTING = '1';
  });

  afterEach(() => {
    delete process.env.AUTOLOG_TESTING;
  });

  for (const hook of ['skip', 'name', 'inputs', 'result']) {
    it(`a failure of ${hook} reaches the program`, () => {
      const { load, autolog: turn } = makeFixture([{ target: 'greet', span: { ...span, [hook]: thrower } }]);
      turn();
      expect(() => load().greet('Ann')).toThrow('not yours');
    });
  }
});
