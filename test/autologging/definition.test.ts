import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { autolog } from '../../src/autologging/autolog.ts';
import type { IntegrationDefinition } from '../../src/autologging/definition.ts';
import { autologgingIntegration } from '../../src/autologging/integration.ts';
import { integrationStates, resetIntegrations } from '../../src/autologging/registry.ts';
import { makeLibrary } from '../support/make-library.ts';
import { type RecordedTraces, recordTraces } from '../support/record-traces.ts';
import { makeFixture, shapeOf, span } from './greeter.ts';

let recorded: RecordedTraces;

beforeEach(() => {
  recorded = recordTraces();
});

afterEach(resetIntegrations);

const patches = [{ target: 'greet', span }];
const packages = { greeter: '*' };

const FLAWS: readonly [flaw: string, name: unknown, definition: unknown, reason: RegExp][] = [
  ['a bad name', 'Greeter 2', { packages, patches }, /'Greeter 2'.*lower-case/],
  ['no name', undefined, { packages, patches }, /lower-case/],
  ['no definition', 'a', undefined, /names no package/],
  ['no packages', 'a', { packages: {}, patches }, /names no package/],
  ['a package without a range', 'a', { packages: { greeter: 1 }, patches }, /range of greeter must be a string/],
  ['no patches', 'a', { packages }, /patches must be an array/],
  ['nothing to do', 'a', { packages, patches: [] }, /nothing to patch or attach/],
  [
    'a patch without a meaning',
    'a',
    { packages, patches: [{ target: 'greet' }] },
    /one of span, training and observe/,
  ],
  ['a patch with two', 'a', { packages, patches: [{ target: 'greet', span, observe: {} }] }, /one of span/],
  ['a patch without a target', 'a', { packages, patches: [{ span }] }, /must have a target/],
];

describe('autologgingIntegration', () => {
  for (const [flaw, name, definition, reason] of FLAWS) {
    it(`refuses ${flaw}, and registers nothing`, () => {
      const count = integrationStates().length;
      const define = () => autologgingIntegration(name as string, definition as IntegrationDefinition);
      expect(define).toThrow(
        expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE', message: expect.stringMatching(reason) }),
      );
      expect(integrationStates()).toHaveLength(count);
    });
  }

  it('returns the function that turns the integration on and off', () => {
    const { autolog: turn, name, load } = makeFixture();
    expect({ ...turn }).toMatchObject({ integrationName: name, definition: { packages: { [name]: '>=1 <2' } } });
    const { Greeter } = load();
    const before = shapeOf(Greeter.prototype);
    expect(stateOf(name)).toMatchObject({
      name,
      packages: { [name]: '>=1 <2' },
      config: undefined,
      configuredBy: undefined,
    });
    turn();
    expect(new Greeter().greet('Ann')).toBe('Hello, Ann');
    expect(recorded.span('greet').attributes).toMatchObject({
      'mlflow.spanInputs': 'Ann',
      'mlflow.spanOutputs': 'Hello, Ann',
    });
    turn({ disable: true });
    expect(shapeOf(Greeter.prototype)).toEqual(before);
    expect(stateOf(name)).toMatchObject({ config: undefined, configuredBy: 'explicit' });
  });

  it('knows the options of the integration beside the common ones, and refuses others', () => {
    const { name } = makeLibrary();
    const turn = autologgingIntegration<{ logWords: boolean; limit: number }>(name, {
      packages: { [name]: '*' },
      options: { logWords: true, limit: 3 },
      patches,
    });
    turn({ limit: 4 });
    expect(stateOf(name)?.config).toMatchObject({ logWords: true, limit: 4, logTraces: true });
    turn({ logWords: undefined, logTraces: undefined, silent: true });
    expect(stateOf(name)?.config).toMatchObject({ logWords: true, limit: 3, logTraces: true, silent: true });
    const unknown = { logWord: false } as object;
    expect(() => turn(unknown)).toThrow(
      `Cannot enable ${name}: there is no option 'logWord'; there are logModels, logInputExamples, logModelSignatures, logDatasets, logTraces, disable, exclusive, disableForUnsupportedVersions, silent, extraTags, logWords, limit.`,
    );
    expect(stateOf(name)?.config).toMatchObject({ silent: true });
  });

  it('takes other defaults of the common options from the integration', () => {
    const { name } = makeLibrary();
    const options = { logTraces: false };
    const turn = autologgingIntegration(name, { packages: { [name]: '*' }, options, patches });
    turn();
    expect(stateOf(name)?.config?.logTraces).toBe(false);
    turn({ logTraces: true });
    expect(stateOf(name)?.config?.logTraces).toBe(true);
  });

  it('refuses tags that are none', () => {
    const { autolog: turn } = makeFixture();
    for (const extraTags of ['a', ['a'], null]) {
      expect(() => turn({ extraTags } as object)).toThrow(
        expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' }),
      );
      expect(() => autolog({ extraTags } as object)).toThrow(
        expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' }),
      );
    }
  });

  it('gives an integration that is defined later what the universal call said', () => {
    autolog({ extraTags: { team: 'a' }, excludeFlavors: [] });
    const { name, load } = makeFixture();
    expect(stateOf(name)).toMatchObject({ configuredBy: 'universal', config: { extraTags: { team: 'a' } } });
    new (load().Greeter)().greet('Ann');
    expect(recorded.spans).toHaveLength(1);
  });

  it('replaces an integration of the same name, also while it is on', () => {
    const { name, load, autolog: turn } = makeFixture();
    const { Greeter } = load();
    turn();
    const other = autologgingIntegration(name, {
      packages: { [name]: '*' },
      patches: [{ target: 'Greeter.prototype.greet', span: { name: 'other', type: 'AGENT' } }],
    });
    new Greeter().greet('Ann');
    expect(recorded.spans.map((each) => each.name)).toEqual(['other']);
    other({ disable: true });
    new Greeter().greet('Ann');
    expect(recorded.spans).toHaveLength(1);
  });
});

describe('the configuration', () => {
  it('is frozen, tags too, and replaced as a whole', () => {
    const { name, autolog: turn, load } = makeFixture();
    load();
    const extraTags = { team: 'a' };
    turn({ extraTags, logTraces: false });
    const first = stateOf(name)?.config;
    expect(Object.isFrozen(first) && Object.isFrozen(first?.extraTags)).toBe(true);
    extraTags.team = 'b';
    turn({ silent: true });
    const second = stateOf(name)?.config;
    expect(first).toMatchObject({ extraTags: { team: 'a' }, logTraces: false, silent: false });
    expect(second).toMatchObject({ extraTags: {}, logTraces: true, silent: true });
  });

  it('is the one at the start of a call, to its end', async () => {
    const seen: unknown[] = [];
    const { autolog: turn, load } = makeFixture([
      {
        target: 'Greeter.prototype.greetLater',
        span: {
          ...span,
          inputs: (_, config) => seen.push(config.extraTags),
          result: (_, __, config) => ({ outputs: seen.push(config.extraTags) }),
        },
      },
    ]);
    const { Greeter } = load();
    turn({ extraTags: { team: 'a' } });
    const greeting = new Greeter().greetLater('Ann').then(String);
    turn({ extraTags: { team: 'b' } });
    expect(await greeting).toBe('Hello, Ann');
    expect(seen).toEqual([{ team: 'a' }, { team: 'a' }]);
    expect(recorded.spans).toHaveLength(1);
  });
});

function stateOf(name: string) {
  return integrationStates().find((each) => each.name === name);
}
