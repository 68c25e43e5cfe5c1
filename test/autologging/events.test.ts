import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { autolog } from '../../src/autologging/autolog.ts';
import type { Patch } from '../../src/autologging/definition.ts';
import {
  type AutologgingEventLogger,
  type CallEvent,
  setEventLogger,
} from '../../src/autologging/event-logger.ts';
import { integrationStates, resetIntegrations } from '../../src/autologging/registry.ts';
import { withoutAutolog } from '../../src/autologging/session.ts';
import type { Call } from '../../src/patching/interceptor.ts';
import { holdStderr } from '../../src/testing/hold-stderr.ts';
import { recordTraces } from '../support/record-traces.ts';
import { makeFixture, span } from './greeter.ts';

const CALLS = [
  'patchStart',
  'patchSuccess',
  'patchError',
  'originalStart',
  'originalSuccess',
  'originalError',
] as const;

let events: string[];
let heard: CallEvent[];

beforeEach(() => {
  recordTraces();
  events = [];
  heard = [];
  const logger: AutologgingEventLogger = {};
  for (const name of CALLS) {
    logger[name] = (event) => {
      events.push(name);
      heard.push({ ...event, session: { ...event.session } });
    };
  }
  setEventLogger(logger);
});

afterEach(() => {
  setEventLogger({});
  resetIntegrations();
});

function thrower(): never {
  throw new Error('not yours');
}

const ofModel = { subject: ({ self }: Call) => self as object };

/** Kinds of patches, each round a function that runs another. */
const KINDS: readonly [kind: string, patch: (hooks: object) => Patch][] = [
  ['a span', (hooks) => ({ target: 'Greeter.prototype.run', span: { ...span, ...hooks } })],
  ['a training', (hooks) => ({ target: 'Model.prototype.fitWith', training: { ...ofModel, ...hooks } })],
];

const WELL = ['patchStart', 'originalStart', 'originalSuccess', 'patchSuccess'];
const BROKEN = ['patchStart', 'originalStart', 'originalSuccess', 'patchError'];
const REFUSED = ['patchStart', 'originalStart', 'originalError'];

describe.each(KINDS)('the events of %s', (kind, patch) => {
  const setUp = (hooks: object) => {
    const fixture = makeFixture([patch(hooks)]);
    const { Greeter, Model } = fixture.load();
    fixture.autolog();
    const call = async (fn: () => unknown): Promise<unknown> =>
      kind === 'a span' ? await new Greeter().run(fn) : await new Model().fitWith(fn);
    return { ...fixture, call };
  };
  const [before, after] = kind === 'a span' ? ['name', 'result'] : ['begin', 'end'];

  it('are start, original start and success, and success, when all is well', async () => {
    const { call, name } = setUp({});
    expect(await call(() => 7)).toBe(7);
    expect(events).toEqual(WELL);
    expect(heard.map(({ session }) => session.state)).toEqual(['running', 'running', 'running', 'succeeded']);
    expect(new Set(heard.map(({ session }) => session.id)).size).toBe(1);
    expect(heard[0]).toMatchObject({ session: { integration: name }, args: [expect.any(Function)] });
    expect(heard[0]?.target).toMatch(/^(Greeter\.prototype\.run|Model\.prototype\.fitWith)$/);
  });

  for (const [when, hook] of [
    ['before', before],
    ['after', after],
  ] as const) {
    it(`end in an error of the patch when it fails ${when} the original`, async () => {
      const { call } = setUp({ [hook as string]: thrower });
      const stderr = holdStderr();
      expect(await call(() => 7)).toBe(7);
      stderr.release();
      expect(events).toEqual(BROKEN);
      expect(heard.at(-1)).toMatchObject({ session: { state: 'failed' }, error: new Error('not yours') });
    });

    it(`end in the original's error alone when both fail, the patch ${when} it`, async () => {
      const { call } = setUp({ [hook as string]: thrower });
      const error = new Error('theirs');
      const stderr = holdStderr();
      await expect(call(() => Promise.reject(error))).rejects.toBe(error);
      stderr.release();
      expect(events).toEqual(REFUSED);
    });
  }

  it('end in the original error, with the very error, when the original fails', async () => {
    const { call } = setUp({});
    const error = new Error('theirs');
    const fail = (): never => {
      throw error;
    };
    await expect(call(fail)).rejects.toBe(error);
    expect(events).toEqual(REFUSED);
    expect(heard.at(-1)?.error).toBe(error);
    expect(heard.at(-1)?.session.state).toBe('failed');
  });
});

describe('the events', () => {
  it('of a call that throws at once are those of one that rejects', () => {
    const { load, autolog: turn } = makeFixture([{ target: 'Greeter.prototype.refuse', span }]);
    const { Greeter } = load();
    turn();
    const error = new Error('theirs');
    expect(() => new Greeter().refuse(error)).toThrow(error);
    expect(events).toEqual(REFUSED);
    expect(heard.at(-1)?.error).toBe(error);
  });

  it('of a stream are over when the call has returned it', async () => {
    const { load, autolog: turn } = makeFixture([
      {
        target: 'Greeter.prototype.stream',
        span: { ...span, stream: () => ({ add: () => undefined, result: () => ({}) }) },
      },
    ]);
    const { Greeter } = load();
    turn();
    const stream = new Greeter().stream('Ann');
    expect(events).toEqual(WELL);
    for await (const greeting of stream) expect(greeting).toBe('Hello, Ann');
    expect(events).toEqual(WELL);
  });

  it('of nested calls share the session of the outermost', () => {
    const { load, autolog: turn } = makeFixture([
      { target: 'Greeter.prototype.greetTwice', span },
      { target: 'Greeter.prototype.greet', span },
    ]);
    const { Greeter } = load();
    turn();
    new Greeter().greetTwice('Ann');
    expect(events).toEqual(['patchStart', 'originalStart', ...WELL, ...WELL, 'originalSuccess', 'patchSuccess']);
    expect(new Set(heard.map(({ session }) => session.id)).size).toBe(1);
    expect(heard.map(({ session }) => session.state)).toEqual([...new Array(11).fill('running'), 'succeeded']);
    new Greeter().greet('Ann');
    expect(new Set(heard.map(({ session }) => session.id)).size).toBe(2);
  });

  it('are none for calls that pass through', () => {
    const skip = ({ args }: Call) => args[0] === 'nobody';
    const { load, autolog: turn } = makeFixture([
      { target: 'Greeter.prototype.greet', span: { ...span, skip } },
      { target: 'Model.prototype.evaluate', training: { ...ofModel, onlyInRun: true } },
    ]);
    const { Greeter, Model } = load();
    const greeter = new Greeter();
    turn();
    withoutAutolog(() => greeter.greet('Ann'));
    greeter.greet('nobody');
    new Model().evaluate();
    turn({ logTraces: false });
    greeter.greet('Ann');
    turn({ disable: true });
    greeter.greet('Ann');
    expect(events).toEqual([]);
  });

  it('that throw change nothing, and are told once', async () => {
    const logger: AutologgingEventLogger = { autologCalled: thrower };
    for (const name of CALLS) logger[name] = thrower;
    setEventLogger(logger);
    const { load, autolog: turn } = makeFixture([{ target: 'Greeter.prototype.greetLater', span }]);
    const recorded = recordTraces();
    const { Greeter } = load();
    const stderr = holdStderr();
    turn();
    expect(await new Greeter().greetLater('Ann')).toBe('Hello, Ann');
    stderr.release();
    expect(stderr.text).toBe('autolog: autologging event logger: not yours\n');
    expect(recorded.span('greet').status.code).toBe('OK');
  });
});

describe('the event of enabling', () => {
  it('comes at each call, with the whole configuration, before anything is patched', () => {
    const { name, load, autolog: turn } = makeFixture();
    const { Greeter } = load();
    const { greet } = Greeter.prototype;
    const calls: unknown[] = [];
    setEventLogger({
      autologCalled(integration, config) {
        if (integration === name) calls.push([config.disable, config.silent, Greeter.prototype.greet === greet]);
      },
    });
    turn();
    expect(Greeter.prototype.greet).not.toBe(greet);
    turn({ disable: true, silent: true });
    resetIntegrations();
    autolog({ silent: true });
    autolog({ excludeFlavors: [name] });
    expect(calls).toEqual([
      [false, false, true],
      [true, true, false],
      [false, true, true],
    ]);
  });

  it('may enable again: the calls end in the order in which they were made', () => {
    const { name, load, autolog: turn } = makeFixture();
    const recorded = recordTraces();
    const { Greeter } = load();
    let calls = 0;
    setEventLogger({
      autologCalled() {
        calls += 1;
        if (calls === 1) turn({ logTraces: false });
      },
    });
    turn({ extraTags: { call: 'outer' } });
    expect(integrationStates().find((each) => each.name === name)?.config).toMatchObject({
      logTraces: true,
      extraTags: { call: 'outer' },
    });
    new Greeter().greet('Ann');
    expect(recorded.spans).toHaveLength(1);
  });
});

describe('setEventLogger', () => {
  it('returns the one before', () => {
    const logger = {};
    setEventLogger(logger);
    expect(setEventLogger({})).toBe(logger);
  });

  it('refuses what is no object', () => {
    for (const wrong of [undefined, null, 'log']) {
      expect(() => setEventLogger(wrong as unknown as AutologgingEventLogger)).toThrow(/pass an object/);
    }
  });
});
