import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { autolog } from '../../src/autologging/autolog.ts';
import type { Patch } from '../../src/autologging/definition.ts';
import { autologgingIntegration } from '../../src/autologging/integration.ts';
import { resetIntegrations } from '../../src/autologging/registry.ts';
import { failureCounts } from '../../src/failures.ts';
import type { Call } from '../../src/patching/interceptor.ts';
import { holdStderr } from '../../src/testing/hold-stderr.ts';
import { makeLibrary } from '../support/make-library.ts';
import { recordTraces } from '../support/record-traces.ts';
import { makeFixture, span } from './greeter.ts';

beforeEach(() => void recordTraces());

afterEach(resetIntegrations);

function thrower(): never {
  throw new Error('not yours');
}

const greet = 'Greeter.prototype.greet';
const fit = 'Model.prototype.fit';
const subject = ({ self }: Call) => self as object;

/** A patch that fails in its own way, when the library's `greet` or `fit` is called. */
const FAILING: readonly [way: string, patch: Patch][] = [
  ['a span that cannot begin', { target: greet, span: { ...span, name: thrower } }],
  ['inputs', { target: greet, span: { ...span, inputs: thrower } }],
  ['a result', { target: greet, span: { ...span, result: thrower } }],
  ['a training that cannot begin', { target: fit, training: { subject: thrower } }],
  ['the notes before a training', { target: fit, training: { subject, begin: thrower } }],
  ['the notes after it', { target: fit, training: { subject, end: thrower } }],
  ['a param', { target: fit, training: { subject, begin: () => ({ params: { 'bad?': 1 } }) } }],
  ['watched arguments', { target: greet, observe: { args: thrower } }],
  ['a watched result', { target: greet, observe: { result: thrower } }],
  [
    'a guarded callback',
    { target: greet, observe: { result: (_, __, recorder) => recorder.guard('a callback', thrower) } },
  ],
];

describe.each(FAILING)('a failure of %s', (_way, patch) => {
  /** Calls the library with the patch failing, and returns what stands on the terminal. */
  function stderrOf(
    turn: (options: object) => void,
    load: ReturnType<typeof makeFixture>['load'],
    silent: boolean,
  ) {
    const { Greeter, Model } = load();
    const stderr = holdStderr();
    try {
      turn({ silent });
      expect(new Greeter().greet('Ann')).toBe('Hello, Ann');
      expect(new Model().fit([1, 2])).toEqual([2, 1]);
    } finally {
      stderr.release();
    }
    return stderr.text;
  }

  it('is counted and not told when the integration is silent, and told when it no longer is', () => {
    const { name, autolog: turn, load } = makeFixture([patch]);
    const countFailures = () =>
      Object.entries(failureCounts()).filter(([where]) => where.startsWith(`${name} `)).length;
    expect(stderrOf(turn, load, true)).toBe('');
    expect(countFailures()).toBe(1);
    expect(stderrOf(turn, load, false)).toMatch(new RegExp(`^autolog: ${name} [^\n]+\n$`));
  });

  it('is told for an integration that is not silent beside one that is', () => {
    const [quiet, loud] = [makeFixture([patch]), makeFixture([patch])];
    quiet.autolog({ silent: true });
    expect(stderrOf(loud.autolog, loud.load, false)).toContain(`autolog: ${loud.name} `);
    expect(stderrOf(quiet.autolog, quiet.load, true)).toBe('');
  });
});

describe('silent', () => {
  it('keeps what the integration itself says of a library from the terminal', () => {
    const missing = makeFixture([{ target: 'Greeter.prototype.wave', span }]);
    const old = makeFixture(undefined, { version: '0.9.0' });
    missing.load();
    old.load();
    const stderr = holdStderr();
    autolog({ silent: true });
    expect(stderr.text).toBe('');
    autolog();
    stderr.release();
    expect(stderr.text.trimEnd().split('\n')).toEqual([
      expect.stringContaining(`${missing.name}: ${missing.name} 1.2.0 is not logged`),
      `autolog: ${old.name} 0.9.0 is older than the tested range >=1 <2; what is logged may be incomplete: upgrade the package`,
    ]);
  });

  it('keeps nothing of the program from it', async () => {
    const { autolog: turn, load } = makeFixture([{ target: 'Greeter.prototype.run', span }]);
    turn({ silent: true });
    const { Greeter } = load();
    const warnings: string[] = [];
    const listen = (warning: Error): unknown => warnings.push(warning.message);
    process.on('warning', listen);
    const stderr = holdStderr();
    new Greeter().run(() => {
      process.emitWarning('mine');
      process.stderr.write('also mine\n');
    });
    await new Promise(setImmediate);
    stderr.release();
    process.off('warning', listen);
    expect(warnings).toEqual(['mine']);
    expect(stderr.text).toContain('also mine\n');
  });

  it('does not hold while the integration is off, nor after a reset', () => {
    const { name, autolog: turn, load } = makeFixture([{ target: 'Greeter.prototype.wave', span }]);
    load();
    turn({ silent: true });
    resetIntegrations();
    const stderr = holdStderr();
    autolog();
    stderr.release();
    expect(stderr.text).toContain(`autolog: ${name}: `);
  });
});

it('enabling says nothing by itself', () => {
  const { name } = makeLibrary();
  const stderr = holdStderr();
  autologgingIntegration(name, { packages: { [name]: '*' }, patches: [{ target: greet, span }] })();
  autolog();
  stderr.release();
  expect(stderr.text).toBe('');
});
