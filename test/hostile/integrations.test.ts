import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  autolog,
  endRun,
  type MlflowClient,
  resetAutolog,
  setEventLogger,
  startRun,
  type UniversalOptions,
} from '../../src/index.ts';
import { autologgingIntegration, type IntegrationDefinition } from '../../src/integration.ts';
import { refusal, useNewStore, watchStderr } from './surroundings.ts';

let client: MlflowClient;
let stderr: { readonly text: string };
let count = 0;

beforeEach(() => {
  ({ client } = useNewStore());
  stderr = watchStderr();
});

afterEach(() => {
  endRun();
  resetAutolog();
  setEventLogger({});
});

class Library {
  greet(name: string): string {
    return `hello ${name}`;
  }

  async greetLater(name: string): Promise<string> {
    return `hello ${name}`;
  }

  async *greetAll(...names: string[]): AsyncGenerator<string> {
    for (const name of names) yield `hello ${name}`;
  }

  fail(): never {
    throw failure;
  }

  train(model: object): object {
    return model;
  }
}

const failure = new Error('the library’s own');

function thrower(): never {
  throw new Error('hook');
}

/** Enables an integration with these hooks and calls all functions of the library; names it differently each time. */
async function callAll(
  definition: Partial<IntegrationDefinition>,
  options: UniversalOptions = {},
): Promise<string> {
  const name = `broken-${count++}`;
  autologgingIntegration(name, { packages: { broken: '*' }, patches: [], ...definition });
  const library = class extends Library {};
  autolog({ ...options, modules: { [name]: { Library: library } } });
  const one = new library();
  const model = {};
  expect(one.greet('you')).toBe('hello you');
  expect(await one.greetLater('you')).toBe('hello you');
  const greetings: string[] = [];
  for await (const greeting of one.greetAll('a', 'b')) greetings.push(greeting);
  expect(greetings).toEqual(['hello a', 'hello b']);
  expect(() => one.fail()).toThrow(failure);
  expect(one.train(model)).toBe(model);
  return name;
}

const TARGETS = ['greet', 'greetLater', 'greetAll', 'fail', 'train'].map((key) => `Library.prototype.${key}`);

function spans(hooks: Record<string, unknown>): Partial<IntegrationDefinition> {
  return { patches: TARGETS.map((target) => ({ target, span: { name: 'call', type: 'TOOL', ...hooks } })) };
}

function training(hooks: Record<string, unknown>): Partial<IntegrationDefinition> {
  return {
    patches: [
      { target: 'Library.prototype.train', training: { subject: ({ args }) => args[0] as object, ...hooks } },
    ],
  };
}

function observing(hooks: Record<string, unknown>): Partial<IntegrationDefinition> {
  return { patches: TARGETS.map((target) => ({ target, observe: hooks })) };
}

describe('an integration that throws', () => {
  const BROKEN: readonly (readonly [string, Partial<IntegrationDefinition>])[] = [
    ['in a span’s skip', spans({ skip: thrower })],
    ['in a span’s name', spans({ name: thrower })],
    ['in a span’s type', spans({ type: thrower })],
    ['in a span’s inputs', spans({ inputs: thrower })],
    ['in a span’s attributes', spans({ attributes: thrower })],
    ['in a span’s result', spans({ result: thrower })],
    ['in a span’s stream', spans({ stream: thrower })],
    ['in a span’s pending', spans({ pending: thrower })],
    ['in a stream collector’s add', spans({ stream: () => ({ add: thrower, result: () => ({}) }) })],
    ['in a stream collector’s result', spans({ stream: () => ({ add: () => undefined, result: thrower }) })],
    ['in a training’s skip', training({ skip: thrower })],
    ['in a training’s subject', training({ subject: thrower })],
    ['in a training’s continues', training({ continues: thrower })],
    ['in a training’s begin', training({ begin: thrower })],
    ['in a training’s end', training({ end: thrower })],
    ['in a training’s onlyInRun', training({ onlyInRun: thrower })],
    ['in an observer’s args', observing({ args: thrower })],
    ['in an observer’s result', observing({ result: thrower })],
    ['in attach', { attach: thrower }],
    ['in given', { given: thrower, ...spans({}) }],
  ];

  test.each(BROKEN)('%s changes no result, and is told by name', async (_where, definition) => {
    const name = await callAll(definition);
    const lines = stderr.text.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^autolog: .*: hook$/);
    expect(new Set(lines).size).toBe(lines.length);
    expect(stderr.text).toContain(name);
    const traces = (await client.searchTraces({ experimentIds: ['0'] })).items;
    expect(traces.filter(({ state }) => state === 'IN_PROGRESS')).toEqual([]);
    for (const { info } of (await client.searchRuns({ experimentIds: ['0'] })).items)
      expect(info.status).not.toBe('RUNNING');
  });

  test.each(BROKEN)('%s says nothing when silent, and throws in test mode', async (where, definition) => {
    await callAll(definition, { silent: true });
    expect(stderr.text).toBe('');
    // What a stream's listener throws in test mode is an unhandled rejection.
    if (where.includes('collector')) return;
    process.env.AUTOLOG_TESTING = '1';
    onTestFinished(() => {
      delete process.env.AUTOLOG_TESTING;
    });
    await expect(callAll(definition)).rejects.toThrow('hook');
  });

  test.each([
    [
      'span hooks that return nonsense',
      spans({ inputs: () => Symbol('s'), result: () => 42, attributes: () => null }),
    ],
    ['a stream collector that is none', spans({ stream: () => 42 })],
    [
      'a training that returns nonsense',
      training({ begin: () => 42, end: () => ({ params: 5, metrics: { m: 'x' }, tags: 1 }) }),
    ],
    ['a subject that is none', training({ subject: () => 42 })],
    ['arguments that are none', observing({ args: () => 42 })],
  ])('with %s changes no result', async (_what, definition) => {
    await callAll(definition as Partial<IntegrationDefinition>);
  });

  test('beside others does not keep them from recording', async () => {
    autologgingIntegration('sound', { packages: { sound: '*' }, ...spans({}) } as IntegrationDefinition);
    const name = `broken-${count++}`;
    autologgingIntegration(name, {
      packages: { broken: '*' },
      ...spans({ inputs: thrower }),
    } as IntegrationDefinition);
    const library = class extends Library {};
    autolog({ modules: { [name]: { Library: library }, sound: { Library: library } } });
    new library().greet('you');
    const [trace, ...others] = (await client.searchTraces({ experimentIds: ['0'] })).items;
    expect(others).toEqual([]);
    expect((await client.getTrace(trace?.traceId as string)).spans).toHaveLength(2);
  });
});

describe('a definition', () => {
  const sound = { packages: { a: '*' }, patches: [{ target: 'f', span: { name: 'f', type: 'TOOL' } }] };

  test.each([
    ['Bad Name', sound, /its name must be/],
    ['', sound, /its name must be/],
    [undefined, sound, /its name must be/],
    [Symbol('s'), sound, /its name must be/],
    ['a', undefined, /it names no package/],
    ['a', null, /it names no package/],
    ['a', {}, /it names no package/],
    ['a', { ...sound, packages: {} }, /it names no package/],
    ['a', { ...sound, packages: { a: 5 } }, /the tested range of a must be a string/],
    ['a', { ...sound, patches: undefined }, /its patches must be an array/],
    ['a', { ...sound, patches: [] }, /it has nothing to patch or attach/],
    ['a', { ...sound, patches: [null] }, /a patch must have a target/],
    ['a', { ...sound, patches: [{ target: 'f' }] }, /a patch must have a target and one of span/],
    ['a', { ...sound, patches: [{ target: '', span: {} }] }, /a patch must have a target/],
    ['a', { ...sound, patches: [{ target: 'f', span: {}, observe: {} }] }, /one of span, training and observe/],
  ])('(%#) that is nonsense is refused', (name, definition, about) => {
    expect(() => autologgingIntegration(name as string, definition as IntegrationDefinition)).toThrow(
      refusal('INVALID_PARAMETER_VALUE', about),
    );
  });
});

describe('autolog()', () => {
  test.each([
    [{ logModel: true }, /there is no option 'logModel'/],
    [{ excludeFlavors: ['pytorch'] }, /There is no integration 'pytorch'/],
    [{ excludeFlavors: 'openai' }, /excludeFlavors is no array/],
    [{ modules: { pytorch: {} } }, /There is no integration 'pytorch'/],
    [{ modules: { openai: 42 } }, /Cannot log the given openai/],
    [{ modules: { openai: null } }, /Cannot log the given openai/],
    [{ extraTags: { '../x': '1' } }, /as a path of files/],
    [{ extraTags: ['a'] }, /expected an object/],
  ])('refuses %j, and enables nothing', (options, about) => {
    autologgingIntegration('witness', { packages: { witness: '*' }, patches: [{ target: 'f', observe: {} }] });
    const heard: string[] = [];
    setEventLogger({ autologCalled: (name) => heard.push(name) });
    expect(() => autolog(options as UniversalOptions)).toThrow(refusal('INVALID_PARAMETER_VALUE', about));
    expect(heard).toEqual([]);
  });

  test('refuses an option of one integration that it does not have', () => {
    const witness = autologgingIntegration('witness', {
      packages: { witness: '*' },
      patches: [{ target: 'f', observe: {} }],
    });
    expect(() => witness({ every: 5 } as object)).toThrow(refusal('INVALID_PARAMETER_VALUE', /'every'/));
  });
});

describe('an event logger', () => {
  test('that throws in every member, or by being read, changes no result and is told once', async () => {
    const throwing = new Proxy({}, { get: thrower });
    for (const logger of [throwing, new Proxy({}, { get: () => thrower })]) {
      setEventLogger(logger);
      await callAll(spans({}));
      await callAll(training({}));
    }
    expect(stderr.text).toBe('autolog: autologging event logger: hook\n');
    expect((await client.searchTraces({ experimentIds: ['0'] })).items.length).toBeGreaterThan(0);
  });

  test('must be an object', () => {
    for (const logger of [null, undefined, 42]) {
      expect(() => setEventLogger(logger as never)).toThrow(refusal('INVALID_PARAMETER_VALUE', /event logger/));
    }
  });
});

test('a training logs no bad values, and the program’s own run goes on', async () => {
  const run = startRun();
  await callAll(
    training({
      end: () => ({ params: { '../x': 1, good: 1 }, metrics: { bad: 'x', fine: 2 }, tags: { '': 'x' } }),
    }),
  );
  const { params, metrics, info } = await client.getRun(run.runId);
  expect([params, Object.keys(metrics), info.status]).toEqual([{ good: '1' }, ['fine'], 'RUNNING']);
});
