import { describe, expect, it } from 'vitest';
import { autolog, autologAtStart } from '../../src/autologging/autolog.ts';
import { setEventLogger } from '../../src/autologging/event-logger.ts';
import { configurationProblems } from '../../src/autologging/registry.ts';
import { isSwitchedOff, variableName } from '../../src/configuration/environment.ts';
import { holdStderr } from '../../src/testing/hold-stderr.ts';
import { cleanUpAfterEach, configOf, makeConfigured, refusalOf, useConfigFile } from './setup.ts';

cleanUpAfterEach();

/** What a call prints. */
function saidBy(call: () => void): string {
  const stderr = holdStderr();
  try {
    call();
  } finally {
    stderr.release();
  }
  return stderr.text;
}

describe('the name of a variable', () => {
  it.each([
    ['logModels', undefined, 'AUTOLOG_LOG_MODELS'],
    ['disableForUnsupportedVersions', undefined, 'AUTOLOG_DISABLE_FOR_UNSUPPORTED_VERSIONS'],
    ['logEveryNSteps', 'tfjs', 'AUTOLOG_TFJS_LOG_EVERY_N_STEPS'],
    ['silent', 'own-library', 'AUTOLOG_OWN_LIBRARY_SILENT'],
  ])('for %s of %s is %s', (option, integration, name) => {
    expect(variableName(option, integration)).toBe(name);
  });
});

describe('the text of a variable', () => {
  const READ: readonly (readonly [option: string, text: string, value: unknown])[] = [
    ...['true', 'TRUE', '1', 'yes', 'Yes', 'on', ' on '].map((text) => ['logModels', text, true] as const),
    ...['false', 'False', '0', 'no', 'off', 'OFF'].map((text) => ['logModels', text, false] as const),
    ['extraTags', 'team=a', { team: 'a' }],
    ['extraTags', 'team=a, place = b=c ,', { team: 'a', place: 'b=c' }],
    ['extraTags', '{"team":"a,b","n":1}', { team: 'a,b', n: 1 }],
    ['ownCount', '10', 10],
    ['ownCount', '-1.5e3', -1500],
    ['ownChoice', 'auto', 'auto'],
    ['ownChoice', '10', 10],
    ['ownChoice', 'null', null],
    ['ownChoice', 'none', null],
    ['ownChoice', 'false', false],
    ['ownWord', ' as it is ', ' as it is '],
    ['ownNames', 'a,b , c', ['a', 'b', 'c']],
    ['ownAny', '{"a":[1]}', { a: [1] }],
    ['ownAny', 'plain', 'plain'],
  ];

  for (const [option, text, value] of READ) {
    it(`'${text}' sets ${option} to ${JSON.stringify(value)}`, () => {
      const { name } = makeConfigured('read');
      process.env[variableName(option, name)] = text;
      autolog();
      expect(configOf(name)?.[option]).toEqual(value);
    });
  }

  it('that is empty counts as unset', () => {
    const { name } = makeConfigured();
    process.env.AUTOLOG_LOG_MODELS = '';
    process.env.AUTOLOG_DISABLED = '';
    autolog();
    expect(configOf(name)?.logModels).toBe(true);
  });
});

const BAD: readonly [option: string, text: string, message: RegExp][] = [
  ['logModels', 'maybe', /^AUTOLOG_LOG_MODELS is 'maybe': set it to true or false, or unset it\.$/],
  ['silent', '2', /^AUTOLOG_SILENT is '2': set it to true or false/],
  ['extraTags', 'team', /^AUTOLOG_EXTRA_TAGS is 'team': set it to JSON, or pairs as 'name=value,name=value'/],
  ['extraTags', '{"team"', /^AUTOLOG_EXTRA_TAGS is '\{"team"': set it to JSON/],
  ['extraTags', '../x=1', /^AUTOLOG_EXTRA_TAGS is '\.\.\/x=1': .*path/],
  [
    'excludeFlavors',
    'baad',
    /^AUTOLOG_EXCLUDE_FLAVORS is 'baad': there is no integration 'baad'; did you mean 'bad'\?/,
  ],
];

const BAD_OWN: readonly [option: string, text: string, message: RegExp][] = [
  ['ownCount', 'ten', /_OWN_COUNT is 'ten': set it to a number, or unset it\.$/],
  ['ownFlag', 'x'.repeat(500), /_OWN_FLAG is 'x{59}…': set it to true or false/],
  ['ownChoice', 'never', /_OWN_CHOICE is 'never': set it to 'auto', a number, null or false, or unset it\.$/],
];

describe('a bad value', () => {
  const all = [
    ...BAD.map((each) => [...each, false] as const),
    ...BAD_OWN.map((each) => [...each, true] as const),
  ];

  for (const [option, text, message, isOwn] of all) {
    it(`of ${option} ('${text.slice(0, 20)}') is an error of the program's own call, and nothing changes`, () => {
      const { name, turn } = makeConfigured('bad');
      autolog({ extraTags: { call: 'before' } });
      process.env[variableName(option, isOwn ? name : undefined)] = text;
      for (const call of [() => autolog({ silent: true }), () => turn({ silent: true })]) {
        expect(refusalOf(call)).toMatchObject({
          code: 'INVALID_PARAMETER_VALUE',
          message: expect.stringMatching(message),
        });
        expect(configOf(name)).toMatchObject({ extraTags: { call: 'before' }, silent: false });
      }
    });

    it(`of ${option} ('${text.slice(0, 20)}') is told once at a start without a line, and left out`, () => {
      const { name } = makeConfigured('bad');
      process.env[variableName(option, isOwn ? name : undefined)] = text;
      process.env.AUTOLOG_LOG_TRACES = 'false';
      const said = saidBy(() => {
        autologAtStart();
        autologAtStart();
      });
      expect(said).toMatch(/^autolog: AUTOLOG_.* It is left out\.\n$/);
      expect(said.split('\n')).toHaveLength(2);
      expect(configOf(name)).toMatchObject({ logTraces: false });
    });
  }

  it('of the switch is one too', () => {
    process.env.AUTOLOG_DISABLED = 'perhaps';
    expect(refusalOf().message).toBe("AUTOLOG_DISABLED is 'perhaps': set it to true or false, or unset it.");
  });
});

describe('a variable that is nearly one of ours', () => {
  it.each([
    ['AUTOLOG_LOG_MODEL', 'AUTOLOG_LOG_MODELS'],
    ['AUTOLOG_SLIENT', 'AUTOLOG_SILENT'],
    ['AUTOLOG_DISABLEDD', 'AUTOLOG_DISABLED'],
    ['AUTOLOG_TRACKING_URI', 'MLFLOW_TRACKING_URI'],
    ['AUTOLOG_EXPERIMENT_NAME', 'MLFLOW_EXPERIMENT_NAME'],
    ['AUTOLOG_NEARLY_LOG_TRACE', 'AUTOLOG_NEARLY_LOG_TRACES'],
    ['AUTOLOG_NEARLY_OWN_CUONT', 'AUTOLOG_NEARLY_OWN_COUNT'],
  ])('%s is told once, with %s, and changes nothing', (wrong, meant) => {
    makeConfigured('nearly');
    process.env[wrong] = '1';
    const said = saidBy(() => {
      autolog();
      autolog();
    });
    expect(said).toBe(`autolog: ${wrong} is no variable of autolog; did you mean ${meant}?\n`);
    expect(configOf('nearly')).toBeDefined();
  });

  it('and names an integration is told with what that one has', () => {
    makeConfigured('nearby');
    process.env.AUTOLOG_NEARBY_SOMETHING_ELSE = '1';
    expect(saidBy(autolog)).toMatch(
      /^autolog: AUTOLOG_NEARBY_SOMETHING_ELSE is no .*; there are AUTOLOG_NEARBY_LOG_MODELS, /,
    );
  });

  it.each(['AUTOLOG_HOME', 'AUTOLOG_X', 'AUTOLOGGING', 'AUTOLOG_TESTING', 'AUTOLOG_NODES'])(
    'not at all, as %s, is no word worth',
    (name) => {
      process.env[name] = '';
      process.env[name] = name === 'AUTOLOG_TESTING' ? '0' : 'x';
      expect(saidBy(autolog)).toBe('');
    },
  );
});

describe('an integration that is not known', () => {
  it('may be defined later: it is left out, or configured, then', () => {
    const file = useConfigFile({ integrations: { 'much-later': { ownCount: 8 } } });
    process.env.AUTOLOG_EXCLUDE_FLAVORS = 'never-to-come';
    expect(saidBy(autolog)).toBe('');
    expect(configurationProblems()).toEqual([
      {
        origin: file,
        message: expect.stringContaining("'integrations.much-later' is not known"),
        severity: 'later',
      },
      {
        origin: 'AUTOLOG_EXCLUDE_FLAVORS',
        message: expect.stringContaining("leaves out 'never-to-come', and there is no such integration"),
        severity: 'later',
      },
    ]);
    makeConfigured('much-later');
    makeConfigured('never-to-come');
    expect([configOf('much-later')?.ownCount, configOf('never-to-come')]).toEqual([8, undefined]);
    expect(configurationProblems()).toEqual([]);
  });
});

describe("the operator's switch", () => {
  it.each(['true', '1', 'YES'])('%s keeps every call from enabling anything', (text) => {
    const { name, turn } = makeConfigured();
    process.env.AUTOLOG_DISABLED = text;
    const heard: string[] = [];
    const before = setEventLogger({ autologCalled: (integration) => heard.push(integration) });
    // Not even what is wrong is looked at.
    process.env.AUTOLOG_SILENT = 'maybe';
    autolog({ disable: false });
    autologAtStart();
    turn({ disable: false });
    setEventLogger(before);
    expect([isSwitchedOff(), heard, configOf(name)]).toEqual([true, [], undefined]);
  });

  it.each(['false', '0', 'off', ''])("'%s' changes nothing", (text) => {
    const { name } = makeConfigured();
    process.env.AUTOLOG_DISABLED = text;
    autolog();
    expect([isSwitchedOff(), configOf(name) !== undefined]).toEqual([false, true]);
  });
});
