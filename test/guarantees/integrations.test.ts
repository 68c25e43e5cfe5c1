import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import '../../src/autologging/connect-tracing.ts';
import { autolog } from '../../src/autologging/autolog.ts';
import type { ObserveHooks, Patch, SpanHooks } from '../../src/autologging/definition.ts';
import { autologgingIntegration } from '../../src/autologging/integration.ts';
import { integrationStates, resetIntegrations } from '../../src/autologging/registry.ts';
import { flush, MlflowClient, setTrackingUri } from '../../src/index.ts';
import { holdStderr } from '../../src/testing/hold-stderr.ts';
import { makeFixture, span } from '../autologging/greeter.ts';

let client: MlflowClient;
let count = 0;

beforeEach(() => {
  count += 1;
  setTrackingUri(`sqlite:///guarantees-${count}.db`);
  client = new MlflowClient();
});

afterEach(() => {
  delete process.env.AUTOLOG_TESTING;
  resetIntegrations();
});

function thrower(): never {
  throw new Error('not yours');
}

/** Wraps the function that `run` is given, as an integration does that hands callbacks to a library. */
const injecting = (callback: () => void): ObserveHooks => ({
  args: ({ args }, recorder) => {
    const [fn] = args as [() => unknown];
    return [
      () => {
        recorder.guard('a callback', callback);
        return fn();
      },
    ];
  },
});

describe('a callback that an integration hands to a library', () => {
  const setUp = () => {
    const {
      name,
      load,
      autolog: enable,
    } = makeFixture([{ target: 'Greeter.prototype.run', observe: injecting(thrower) }]);
    enable();
    return { name, greeter: new (load().Greeter)() };
  };

  it('is guarded by itself: what it throws is told, and the library never sees it', () => {
    const { name, greeter } = setUp();
    const stderr = holdStderr();
    expect([greeter.run(() => 7), greeter.run(() => 8)]).toEqual([7, 8]);
    stderr.release();
    expect(stderr.text).toBe(`autolog: ${name} a callback: not yours\n`);
  });

  it('throws in test mode', () => {
    process.env.AUTOLOG_TESTING = '1';
    expect(() => setUp().greeter.run(() => 7)).toThrow('not yours');
  });
});

describe('a hook in test mode', () => {
  it('may not change what the program passed', () => {
    process.env.AUTOLOG_TESTING = '1';
    const inputs: SpanHooks['inputs'] = ({ args }) => (args[0] as unknown[]).push('ours');
    const { load, autolog: enable } = makeFixture([
      { target: 'Greeter.prototype.greet', span: { ...span, inputs } },
    ]);
    enable();
    expect(() => new (load().Greeter)().greet(['Ann'] as never)).toThrow(
      'a hook has changed what the caller passed, at args[0][length]',
    );
  });
});

it('spans and watched calls begin no run', async () => {
  const patches: Patch[] = [
    { target: 'Greeter.prototype.greet', span },
    { target: 'Greeter.prototype.run', observe: { result: () => undefined } },
  ];
  const { load, autolog: enable } = makeFixture(patches);
  enable();
  const greeter = new (load().Greeter)();
  greeter.run(() => greeter.greet('Ann'));
  await flush();
  expect((await client.searchRuns({ experimentIds: ['0'] })).items).toEqual([]);
  expect((await client.searchTraces({ experimentIds: ['0'] })).items).toHaveLength(1);
});

it('an integration that was never enabled logs nothing, nor one of which no library is loaded', async () => {
  const { load, name } = makeFixture();
  makeFixture().autolog();
  new (load().Greeter)().greet('Ann');
  expect(integrationStates().find((each) => each.name === name)?.config).toBeUndefined();
  await flush();
  expect((await client.searchTraces({ experimentIds: ['0'] })).items).toEqual([]);
});

describe('two integrations on one function', () => {
  it('record one inside the other, in the order in which they were enabled', async () => {
    const [first, second] = ['first', 'second'].map((name) =>
      makeFixture([{ target: 'Greeter.prototype.greet', span: { ...span, name } }]),
    ) as [ReturnType<typeof makeFixture>, ReturnType<typeof makeFixture>];
    const library = first.load();
    autolog({ modules: { [second.name]: library } });
    new library.Greeter().greet('Ann');
    await flush();
    const [info] = (await client.searchTraces({ experimentIds: ['0'] })).items;
    const { spans } = await client.getTrace(info?.traceId as string);
    const outer = spans.find(({ parentSpanId }) => parentSpanId === null);
    expect([outer?.name, spans.find(({ parentSpanId }) => parentSpanId === outer?.spanId)?.name]).toEqual([
      'first',
      'second',
    ]);
  });

  it('both record when they share one patch', async () => {
    const patch: Patch = { target: 'Greeter.prototype.greet', span };
    const [first, second] = [makeFixture([patch]), makeFixture([patch])];
    const library = first.load();
    autolog({ modules: { [second.name]: library } });
    new library.Greeter().greet('Ann');
    await flush();
    const [info] = (await client.searchTraces({ experimentIds: ['0'] })).items;
    expect((await client.getTrace(info?.traceId as string)).spans).toHaveLength(2);
  });
});

it('an integration whose enabling broke off counts as never enabled: a universal call reaches it', () => {
  const { name, load, autolog: enable } = makeFixture([{ target: 'Greeter.prototype.wave', span }]);
  const library = load();
  process.env.AUTOLOG_TESTING = '1';
  expect(() => enable({ extraTags: { by: 'explicit' } })).toThrow('Greeter.prototype.wave');
  const stateOf = () => integrationStates().find((each) => each.name === name);
  expect(stateOf()).toMatchObject({ config: undefined, configuredBy: undefined });
  autologgingIntegration(name, {
    packages: { [name]: '*' },
    patches: [{ target: 'Greeter.prototype.greet', span }],
  });
  const { greet } = library.Greeter.prototype;
  autolog();
  expect(stateOf()?.configuredBy).toBe('universal');
  expect(library.Greeter.prototype.greet).not.toBe(greet);
});

it('a getter that cannot be asked yet is patched, and asked when the program asks', async () => {
  class Library {
    readonly #word = 'Hello';
    get greet(): (name: string) => string {
      const word = this.#word;
      return (name) => `${word}, ${name}`;
    }
  }
  const { name } = makeFixture([{ target: 'Library.prototype.greet', span }]);
  autolog({ modules: { [name]: { Library } } });
  expect(new Library().greet('Ann')).toBe('Hello, Ann');
  await flush();
  expect((await client.searchTraces({ experimentIds: ['0'] })).items).toHaveLength(1);
});

it('a class may be the target: each construction is recorded, with its instance as the result', async () => {
  const { load, autolog: enable } = makeFixture([
    {
      target: 'Greeter',
      span: {
        name: 'new Greeter',
        type: 'TOOL',
        result: (made) => ({ outputs: (made as { word: string }).word }),
      },
    },
  ]);
  const library = load();
  const { Greeter } = library;
  enable();
  expect(new library.Greeter('Hi')).toBeInstanceOf(Greeter);
  enable({ disable: true });
  expect(library.Greeter).toBe(Greeter);
  await flush();
  const [info] = (await client.searchTraces({ experimentIds: ['0'] })).items;
  expect(info).toMatchObject({ requestPreview: '"Hi"', responsePreview: '"Hi"' });
});
