import { beforeEach, describe, expect, it } from 'vitest';
import { autolog } from '../../src/autologging/autolog.ts';
import { DEFAULT_CONFIG } from '../../src/autologging/options.ts';
import { variableName } from '../../src/configuration/environment.ts';
import { cleanUpAfterEach, configOf, makeConfigured, OWN_DEFAULTS, originsOf, useConfigFile } from './setup.ts';

cleanUpAfterEach();

/** From the weakest to the strongest. */
const SOURCES = ['default', 'file', 'file of one', 'environment', 'environment of one', 'code'] as const;

type Source = (typeof SOURCES)[number];

/** Option → two values that it can have, neither of them said by another source. */
const OPTIONS: Readonly<Record<string, readonly [unknown, unknown]>> = {
  ...Object.fromEntries(
    Object.entries(DEFAULT_CONFIG).map(([option, value]) => [
      option,
      typeof value === 'boolean' ? [value, !value] : [{ team: 'one' }, { team: 'two' }],
    ]),
  ),
  ownFlag: [true, false],
  ownCount: [5, 7],
  ownWord: ['two', 'three'],
  ownNames: [['b'], ['c', 'd']],
  ownChoice: [12, null],
  ownAny: ['x', 'y'],
};

const isOwn = (option: string): boolean => option in OWN_DEFAULTS;

/** The pairs of sources in which both can say something of an option: those for all know no option of one. */
function pairsFor(option: string): [weaker: Source, stronger: Source][] {
  const sources = SOURCES.filter((each) => !isOwn(option) || (each !== 'file' && each !== 'environment'));
  return sources.flatMap((stronger, i) =>
    sources.slice(0, i).map((weaker): [Source, Source] => [weaker, stronger]),
  );
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  if (value === null) return 'null';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

let integration: ReturnType<typeof makeConfigured>;

beforeEach(() => {
  integration = makeConfigured();
});

/** Has each source say its value, and calls. */
function configure(option: string, said: Partial<Record<Source, unknown>>): void {
  const { name, turn } = integration;
  const has = (source: Source): boolean => source in said;
  if (has('file') || has('file of one')) {
    useConfigFile({
      ...(has('file') ? { [option]: said.file } : {}),
      ...(has('file of one') ? { integrations: { [name]: { [option]: said['file of one'] } } } : {}),
    });
  }
  if (has('environment')) process.env[variableName(option)] = textOf(said.environment);
  if (has('environment of one')) process.env[variableName(option, name)] = textOf(said['environment of one']);
  // The universal call has the common options alone.
  const call = isOwn(option) ? turn : autolog;
  call(has('code') ? { [option]: said.code } : {});
}

function expectValue(option: string, value: unknown): void {
  const config = configOf(integration.name);
  if (option === 'disable') expect(config === undefined).toBe(value);
  else expect(config?.[option]).toEqual(value);
}

describe.each(Object.keys(OPTIONS))('the option %s', (option) => {
  const [one, other] = OPTIONS[option] as readonly [unknown, unknown];

  for (const [weaker, stronger] of pairsFor(option)) {
    for (const [value, beaten] of [
      [one, other],
      [other, one],
    ]) {
      it(`is ${textOf(value)} by ${stronger}, whatever the ${weaker} says (${textOf(beaten)})`, () => {
        configure(option, { ...(weaker === 'default' ? {} : { [weaker]: beaten }), [stronger]: value });
        expectValue(option, value);
      });
    }
  }

  it('has its default where no source says anything', () => {
    configure(option, {});
    expectValue(option, { ...DEFAULT_CONFIG, ...OWN_DEFAULTS }[option as keyof typeof DEFAULT_CONFIG]);
  });
});

describe('all sources at once', () => {
  it('give each option from the strongest that names it', () => {
    const { name } = integration;
    const file = useConfigFile({
      logModels: false,
      logDatasets: false,
      silent: true,
      integrations: { [name]: { logDatasets: true, ownCount: 9 } },
    });
    process.env.AUTOLOG_SILENT = 'no';
    process.env[variableName('ownWord', name)] = 'from the environment';
    autolog({ logTraces: false });
    expect(configOf(name)).toEqual({
      ...DEFAULT_CONFIG,
      ...OWN_DEFAULTS,
      logModels: false,
      logDatasets: true,
      ownCount: 9,
      ownWord: 'from the environment',
      logTraces: false,
    });
    expect(originsOf(name)).toEqual({
      logModels: file,
      logDatasets: file,
      ownCount: file,
      silent: 'AUTOLOG_SILENT',
      ownWord: variableName('ownWord', name),
    });
  });

  it('stand beneath the explicit call too, which stays in force', () => {
    const { name, turn } = integration;
    process.env.AUTOLOG_LOG_MODELS = 'false';
    process.env[variableName('silent', name)] = '1';
    turn({ logTraces: false });
    autolog({ logModels: true, silent: false, logTraces: true });
    expect(configOf(name)).toMatchObject({ logModels: false, silent: true, logTraces: false });
  });

  it('reach integrations that are defined after the call', () => {
    process.env.AUTOLOG_LATER_OWN_COUNT = '11';
    process.env.AUTOLOG_LOG_MODELS = 'off';
    autolog();
    makeConfigured('later');
    expect(configOf('later')).toMatchObject({ ownCount: 11, logModels: false });
  });
});

describe('excludeFlavors', () => {
  it('comes from the file, else the environment, else the call', () => {
    const [a, b, c] = [makeConfigured(), makeConfigured(), makeConfigured()];
    const all = (): boolean[] => [a, b, c].map(({ name }) => configOf(name) === undefined);
    useConfigFile({ excludeFlavors: [a.name] });
    autolog();
    expect(all()).toEqual([true, false, false]);
    process.env.AUTOLOG_EXCLUDE_FLAVORS = `${a.name}, ${b.name}`;
    autolog({ disable: true });
    expect(all()).toEqual([true, false, true]);
    autolog({ disable: true, excludeFlavors: [c.name] });
    expect(all()).toEqual([true, true, true]);
  });
});

describe('a source that has changed', () => {
  it('is read anew at the next call', () => {
    const { name } = integration;
    process.env.AUTOLOG_LOG_MODELS = 'false';
    autolog();
    delete process.env.AUTOLOG_LOG_MODELS;
    useConfigFile({ silent: true });
    autolog();
    expect(configOf(name)).toMatchObject({ logModels: true, silent: true });
  });
});
