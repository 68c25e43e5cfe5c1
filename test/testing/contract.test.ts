import { describe, expect, it } from 'vitest';
import type { IntegrationDefinition } from '../../src/autologging/definition.ts';
import { autologgingIntegration } from '../../src/autologging/integration.ts';
import { getTrackingUri, withSpan } from '../../src/index.ts';
import { contractChecks, type IntegrationContract, testIntegration } from '../../src/testing.ts';
import { makeLibrary } from '../support/make-library.ts';

const library = makeLibrary();
const { Greeter } = library.require();

const definition: IntegrationDefinition = {
  packages: { [library.name]: '>=1 <2' },
  patches: [
    { target: 'Greeter.prototype.greetLater', span: { name: 'greet', type: 'TOOL', inputs: ({ args }) => args } },
    { target: 'Greeter.prototype.refuseLater', span: { name: 'refuse', type: 'TOOL' } },
  ],
};

/** A contract that holds, but for what is given. */
function contractOf(
  given: Partial<IntegrationContract>,
  faulty: Partial<IntegrationDefinition> = {},
): IntegrationContract {
  return {
    integration: autologgingIntegration(library.name, { ...definition, ...faulty }),
    use: () => new Greeter().greetLater({ first: 'Ada', toString: () => 'Ada' }),
    fail: (error) => new Greeter().refuseLater(error).catch((caught: unknown) => caught),
    expected: { traces: [['greet TOOL inputs outputs']], runs: [] },
    module: library.require(),
    ...given,
  };
}

/** Patches by itself, for ever, whatever is turned off. */
const unruly: Partial<IntegrationDefinition> = {
  attach(exports, recorder) {
    const { prototype } = exports.Greeter as typeof Greeter;
    const { greetLater } = prototype;
    prototype.greetLater = function (...args) {
      recorder.startSpan({ name: 'unruly' }).end();
      return greetLater.apply(this, args);
    };
    return undefined;
  },
};

/** Answers in the place of the library while it is on. */
const answering: Partial<IntegrationDefinition> = {
  attach(exports) {
    const { prototype } = exports.Greeter as typeof Greeter;
    const { greet } = prototype;
    prototype.greet = () => 'Hello, Bob';
    return () => {
      prototype.greet = greet;
    };
  },
};

describe('the checks of a good integration', () => {
  it.each(contractChecks(contractOf({})).map(({ name, run }) => ({ name, run })))(
    '$name: holds',
    async ({ run }) => {
      const before = getTrackingUri();
      await run();
      expect(getTrackingUri()).toBe(before);
    },
  );
});

describe('the checks of a bad one', () => {
  let mood = 0;

  it.each<[string, string, Partial<IntegrationContract>, Partial<IntegrationDefinition>]>([
    ['logs something else', 'logs what it promises', { expected: { traces: [], runs: [] } }, {}],
    ['changes what the program gets', 'logs what it promises', {}, answering],
    [
      'changes the class of what the program gets',
      'logs what it promises',
      {
        use: async () => {
          await new Greeter().greetLater('Ada');
          return { when: mood++ % 2 === 0 ? new Map() : new (class extends Map {})() };
        },
      },
      {},
    ],
    ['logs while it is off', 'logs nothing once it is turned off', {}, unruly],
    ['logs twice once it was turned on twice', 'logs the same when it is turned on again', {}, unruly],
    ['logs in withoutAutolog', 'logs nothing inside withoutAutolog', {}, unruly],
    [
      'wraps the error of the program',
      "lets the program's own error through",
      { fail: async (error) => new Error(await new Greeter().greetLater('Ada'), { cause: error }) },
      {},
    ],
    [
      'leaves a function changed',
      'leaves every function as it was found',
      {},
      {
        attach(exports) {
          const { prototype } = exports.Greeter as typeof Greeter;
          const { greetTwice } = prototype;
          prototype.greetTwice = (...args) => greetTwice.apply(new Greeter(), args);
          return undefined;
        },
        patches: [...definition.patches, { target: 'Greeter.prototype.greetTwice', observe: {} }],
      },
    ],
    [
      'forgets calls when there are many',
      'tells uses apart',
      {},
      {
        patches: [
          {
            target: 'Greeter.prototype.greetLater',
            span: { name: 'greet', type: 'TOOL', skip: () => mood++ % 2 > 0 },
          },
        ],
      },
    ],
    [
      'logs what version so ever',
      'patches nothing of a version beyond',
      { use: () => withSpan({ name: 'always' }, () => new Greeter().greetLater('Ada')) },
      {},
    ],
    [
      'writes into the arguments',
      'changes no argument in its hooks',
      {},
      {
        patches: [
          {
            target: 'Greeter.prototype.greetLater',
            span: {
              name: 'greet',
              type: 'TOOL',
              inputs: ({ args }) => Object.assign(args[0] as object, { seen: true }),
            },
          },
        ],
      },
    ],
    ['has hooks that are never tried', "when 'inputs' throws", { use: () => new Greeter().greet('Ada') }, {}],
  ])('tell of one that %s', async (_, title, given, faulty) => {
    const check = contractChecks(contractOf(given, faulty)).find(({ name }) => name.includes(title));
    const saved = Object.getOwnPropertyDescriptors(Greeter.prototype);
    try {
      await expect(check?.run()).rejects.toThrow(expect.objectContaining({ code: 'ERR_ASSERTION' }));
    } finally {
      Object.defineProperties(Greeter.prototype, saved);
    }
  });

  it('shows what was logged, to paste', async () => {
    const [check] = contractChecks(contractOf({ expected: { traces: [['greet LLM']], runs: [] } }));
    await expect(check?.run()).rejects.toThrow(
      "If it is right, paste it as 'expected':\n{ traces: [ [ 'greet TOOL inputs outputs' ] ], runs: [] }",
    );
  });
});

describe('testIntegration', () => {
  it('hands every check to the runner that is given', () => {
    const titles: string[] = [];
    testIntegration(contractOf({}), {
      describe: (name, body) => {
        titles.push(name);
        body();
      },
      it: (name) => titles.push(name),
    });
    expect(titles).toEqual([
      `the integration ${library.name}`,
      ...contractChecks(contractOf({})).map(({ name }) => name),
    ]);
  });

  it('asks for the functions of vitest, whose own are not global', () => {
    expect(() => testIntegration(contractOf({}))).toThrow("import { describe, it } from 'vitest'");
  });
});
