import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { autolog } from '../../src/autologging/autolog.ts';
import { DEFAULT_CONFIG } from '../../src/autologging/options.ts';
import { integrationStates, resetIntegrations } from '../../src/autologging/registry.ts';
import { holdStderr } from '../../src/testing/hold-stderr.ts';
import type { Library } from '../support/make-library.ts';
import { type RecordedTraces, recordTraces } from '../support/record-traces.ts';
import { type Fixture, makeFixture, span } from './greeter.ts';

let recorded: RecordedTraces;

beforeEach(() => {
  recorded = recordTraces();
});

afterEach(resetIntegrations);

/** True when a call of the library is recorded. */
function isLogged(fixture: Fixture): boolean {
  recorded.clear();
  new (fixture.load().Greeter)().greet('Ann');
  return recorded.spans.length > 0;
}

function stateOf({ name }: Fixture) {
  return integrationStates().find((each) => each.name === name);
}

type Step = 'explicit' | 'universal' | 'load';

function ordersOf(steps: readonly Step[]): Step[][] {
  if (steps.length === 0) return [[]];
  return steps.flatMap((step) => ordersOf(steps.filter((other) => other !== step)).map((rest) => [step, ...rest]));
}

describe.each(ordersOf(['explicit', 'universal', 'load']))('in the order %s, %s, %s', (...order) => {
  const play = (fixture: Fixture, steps: Record<Step, () => unknown>): void => {
    for (const step of order) steps[step]();
    expect(stateOf(fixture)?.configuredBy).toBe('explicit');
  };

  it('what the integration was told by itself stays', () => {
    const fixture = makeFixture();
    play(fixture, {
      explicit: () => fixture.autolog({ extraTags: { by: 'explicit' } }),
      universal: () => autolog({ extraTags: { by: 'universal' }, silent: true, logTraces: false }),
      load: fixture.load,
    });
    expect(stateOf(fixture)?.config).toMatchObject({
      extraTags: { by: 'explicit' },
      silent: false,
      logTraces: true,
    });
    expect(isLogged(fixture)).toBe(true);
  });

  it('an integration that was turned off by itself stays off', () => {
    const fixture = makeFixture();
    play(fixture, {
      explicit: () => fixture.autolog({ disable: true }),
      universal: () => autolog(),
      load: fixture.load,
    });
    expect(stateOf(fixture)?.config).toBeUndefined();
    expect(isLogged(fixture)).toBe(false);
  });

  it('an integration that was turned on by itself stays on', () => {
    const fixture = makeFixture();
    const stderr = holdStderr();
    play(fixture, {
      explicit: () => fixture.autolog(),
      universal: () => autolog({ disable: true }),
      load: fixture.load,
    });
    stderr.release();
    expect(isLogged(fixture)).toBe(true);
  });
});

describe('a later universal call', () => {
  it('replaces the one before, for loaded libraries and for those to come', () => {
    const [before, after] = [makeFixture(), makeFixture()];
    before.load();
    autolog({ logTraces: false, extraTags: { call: 'first' } });
    expect([before, after].map((each) => stateOf(each)?.config?.extraTags)).toEqual([
      { call: 'first' },
      { call: 'first' },
    ]);
    expect(isLogged(before)).toBe(false);
    autolog({ extraTags: { call: 'second' } });
    for (const each of [before, after]) {
      expect(stateOf(each)?.config).toEqual({ ...DEFAULT_CONFIG, extraTags: { call: 'second' } });
      expect(isLogged(each)).toBe(true);
    }
  });

  it('with disable turns off what an earlier one has turned on', () => {
    const [before, after] = [makeFixture(), makeFixture()];
    before.load();
    autolog();
    autolog({ disable: true });
    for (const each of [before, after]) expect(isLogged(each)).toBe(false);
    autolog();
    for (const each of [before, after]) expect(isLogged(each)).toBe(true);
  });
});

describe('excludeFlavors', () => {
  it('leaves an integration unset', () => {
    const [left, taken] = [makeFixture(), makeFixture()];
    autolog({ excludeFlavors: [left.name] });
    expect(stateOf(left)?.configuredBy).toBeUndefined();
    expect([left, taken].map(isLogged)).toEqual([false, true]);
  });

  it('does not turn off what is on, nor what an earlier call has ordered', () => {
    const [loaded, pending] = [makeFixture(), makeFixture()];
    loaded.load();
    autolog({ extraTags: { call: 'first' } });
    autolog({ disable: true, excludeFlavors: [loaded.name, pending.name] });
    for (const each of [loaded, pending]) {
      expect(stateOf(each)?.config?.extraTags).toEqual({ call: 'first' });
      expect(isLogged(each)).toBe(true);
    }
  });

  it('is for one call', () => {
    const fixture = makeFixture();
    autolog({ excludeFlavors: [fixture.name] });
    autolog();
    expect(isLogged(fixture)).toBe(true);
  });
});

describe('options that are not given', () => {
  it('return to their defaults at each call', () => {
    const fixture = makeFixture();
    const all = {
      logModels: false,
      logInputExamples: true,
      logModelSignatures: false,
      logDatasets: false,
      exclusive: true,
    };
    for (const turn of [autolog, fixture.autolog]) {
      turn({ ...all, silent: true, logTraces: false, disableForUnsupportedVersions: true, extraTags: { a: 'b' } });
      expect(stateOf(fixture)?.config).toMatchObject(all);
      turn();
      expect(stateOf(fixture)?.config).toEqual(DEFAULT_CONFIG);
    }
  });
});

describe('a universal call that is wrong', () => {
  const WRONG: readonly [what: string, options: (fixture: Fixture) => object, message: RegExp][] = [
    [
      'an unknown option',
      () => ({ logModel: true }),
      /no option 'logModel'; there are logModels, .*excludeFlavors, modules\.$/,
    ],
    [
      'an unknown integration to exclude',
      () => ({ excludeFlavors: ['nope'] }),
      /no integration 'nope'; there are /,
    ],
    ['excludeFlavors that is no list', () => ({ excludeFlavors: 'openai' }), /is no array/],
    ['an unknown integration with modules', () => ({ modules: { nope: {} } }), /no integration 'nope'/],
    [
      'a module that is none',
      ({ name }) => ({ modules: { [name]: 42 } }),
      /none of its functions was found .*\(number\)/,
    ],
    [
      'a module of something else',
      ({ name }) => ({ modules: { [name]: { Other: class {} } } }),
      /none of its functions/,
    ],
    ['tags that are none', () => ({ extraTags: 'a' }), /expected an object/],
    [
      'a value of another type',
      () => ({ logModels: 'false' }),
      /logModels is 'false'; set it to true or false\.$/,
    ],
    ['modules that are none', () => ({ modules: [] }), /modules is an array; set it to an object/],
    ['a tag with a bad name', () => ({ extraTags: { 'a?': 'b' } }), /a\?/],
  ];

  for (const [what, options, message] of WRONG) {
    it(`by ${what} is refused, and nothing changes`, () => {
      const fixture = makeFixture();
      autolog({ extraTags: { call: 'before' } });
      const wrong = { silent: true, ...options(fixture) };
      expect(() => autolog(wrong)).toThrow(
        expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE', message: expect.stringMatching(message) }),
      );
      expect(stateOf(fixture)?.config).toMatchObject({ extraTags: { call: 'before' }, silent: false });
    });
  }
});

describe('modules that are handed over', () => {
  /** As a bundler leaves a library: no file of its own. */
  function bundle(fixture: Fixture): Library {
    const { Greeter } = fixture.load();
    return { Greeter: class Bundled extends Greeter {} } as unknown as Library;
  }

  it('are patched at once, and as often as the integration is turned on', () => {
    const fixture = makeFixture();
    const bundled = bundle(fixture);
    const isBundleLogged = (): boolean => {
      recorded.clear();
      new bundled.Greeter().greet('Ann');
      return Object.hasOwn(bundled.Greeter.prototype, 'greet') && recorded.spans.length === 1;
    };
    autolog({ modules: { [fixture.name]: bundled } });
    expect(isBundleLogged()).toBe(true);
    autolog();
    expect(isBundleLogged()).toBe(true);
    autolog({ disable: true });
    expect(isBundleLogged()).toBe(false);
    fixture.autolog();
    expect(isBundleLogged()).toBe(true);
    autolog({ modules: { [fixture.name]: bundled } });
    expect(isBundleLogged()).toBe(true);
    resetIntegrations();
    expect(Object.hasOwn(bundled.Greeter.prototype, 'greet')).toBe(false);
    autolog();
    expect(isBundleLogged()).toBe(false);
  });

  it('stay as they are while the integration is off', () => {
    const fixture = makeFixture();
    const bundled = bundle(fixture);
    fixture.autolog({ disable: true });
    autolog({ modules: { [fixture.name]: bundled } });
    expect(Object.hasOwn(bundled.Greeter.prototype, 'greet')).toBe(false);
    fixture.autolog();
    expect(Object.hasOwn(bundled.Greeter.prototype, 'greet')).toBe(true);
  });
});

describe('modules that the program has forgotten', () => {
  it('are not kept in memory, and those that it has are patched again', async () => {
    const program = path.join(import.meta.dirname, 'given-program.ts');
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program]);
    expect(JSON.parse(stdout)).toEqual({ alive: 0, states: [true, false, true] });
  });
});

describe('an enabling that fails half-way', () => {
  it.each(['loaded before', 'handed over'])('(%s) leaves nothing set, and a universal call reaches it', (how) => {
    const missing = { target: 'Greeter.prototype.missing', span };
    const fixture = makeFixture([{ target: 'Greeter.prototype.greet', span }, missing]);
    const library = fixture.load();
    const before = Object.getOwnPropertyDescriptors(library.Greeter.prototype);
    process.env.AUTOLOG_TESTING = '1';
    const options = how === 'handed over' ? { modules: { [fixture.name]: library } } : {};
    const turn = how === 'handed over' ? autolog : fixture.autolog;
    try {
      expect(() => turn(options)).toThrow("Cannot patch 'Greeter.prototype.missing'");
    } finally {
      delete process.env.AUTOLOG_TESTING;
    }
    expect(stateOf(fixture)).toMatchObject({ config: undefined, configuredBy: undefined });
    expect(Object.getOwnPropertyDescriptors(library.Greeter.prototype)).toEqual(before);
    const reason = "Cannot patch 'Greeter.prototype.missing': found undefined, not a function";
    const stderr = holdStderr();
    autolog({ extraTags: { call: 'second' } });
    stderr.release();
    expect(stateOf(fixture)).toMatchObject({
      configuredBy: 'universal',
      config: { extraTags: { call: 'second' } },
      copies: expect.arrayContaining([expect.objectContaining({ outcome: 'refused', reason })]),
    });
  });
});

describe('a universal disable', () => {
  it('that leaves on what was turned on by itself is told once, with what turns it off', () => {
    const fixture = makeFixture();
    fixture.autolog();
    const stderr = holdStderr();
    autolog({ disable: true });
    autolog({ disable: true });
    stderr.release();
    expect(stderr.text).toBe(
      `autolog: autolog({ disable: true }) leaves ${fixture.name} on, which its own function has turned on; turn it off by that one's { disable: true }, or all by resetAutolog().\n`,
    );
  });

  it('that turns off all there is says nothing', () => {
    const [off, universal] = [makeFixture(), makeFixture()];
    off.autolog({ disable: true });
    const stderr = holdStderr();
    autolog();
    autolog({ disable: true });
    stderr.release();
    expect([stderr.text, isLogged(off), isLogged(universal)]).toEqual(['', false, false]);
  });
});

describe('the state of a copy', () => {
  it('says how it was found, and which functions are patched or missing', () => {
    const fixture = makeFixture([
      { target: 'Greeter.prototype.greet', span },
      { target: 'Greeter.prototype.later', span, optional: true },
    ]);
    autolog();
    expect(stateOf(fixture)?.copies).toEqual([]);
    const library = fixture.load();
    const folder = path.join(fixture.library.folder, 'node_modules', fixture.name);
    const loaded = {
      specifier: fixture.name,
      version: '1.2.0',
      packageRoot: folder,
      outcome: 'patched',
      reason: null,
      patchedTargets: ['Greeter.prototype.greet'],
      missingTargets: ['Greeter.prototype.later'],
      count: 1,
    };
    expect(stateOf(fixture)?.copies).toEqual([{ ...loaded, how: expect.stringMatching(/^(require|module)/) }]);
    autolog({ modules: { [fixture.name]: library } });
    expect(stateOf(fixture)?.copies).toContainEqual({ ...loaded, packageRoot: null, version: null, how: 'given' });
  });

  it('says why it was refused', () => {
    const fixture = makeFixture(undefined, { version: '3.0.0' });
    fixture.load();
    const stderr = holdStderr();
    fixture.autolog({ disableForUnsupportedVersions: true });
    stderr.release();
    const reason = 'its version is outside of the tested range, and disableForUnsupportedVersions is set';
    expect(stateOf(fixture)?.copies).toMatchObject([
      { version: '3.0.0', outcome: 'refused', reason, patchedTargets: [] },
    ]);
  });
});

describe('a reset', () => {
  it('turns everything off and lets a universal call reach all of it again', () => {
    const [one, two] = [makeFixture(), makeFixture()];
    one.autolog();
    autolog({ silent: true });
    resetIntegrations();
    for (const each of [one, two]) {
      expect(stateOf(each)).toMatchObject({ config: undefined, configuredBy: undefined });
      expect(isLogged(each)).toBe(false);
    }
    autolog({ extraTags: { after: 'reset' } });
    expect(stateOf(one)?.config?.extraTags).toEqual({ after: 'reset' });
  });
});
