import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { autolog } from '../../src/autologging/autolog.ts';
import type { Patch } from '../../src/autologging/definition.ts';
import { autologgingIntegration } from '../../src/autologging/integration.ts';
import { resetIntegrations } from '../../src/autologging/registry.ts';
import { holdStderr } from '../../src/testing/hold-stderr.ts';
import type { Library } from '../support/make-library.ts';
import { type RecordedTraces, recordTraces } from '../support/record-traces.ts';
import { makeFixture, shapeOf, span } from './greeter.ts';

let recorded: RecordedTraces;

beforeEach(() => {
  recorded = recordTraces();
});

afterEach(resetIntegrations);

const ALL: readonly Patch[] = [
  { target: 'Greeter.create', span },
  { target: 'Greeter.prototype.greet', span },
  { target: 'Greeter.prototype.stream', span },
  { target: 'PoliteGreeter.prototype.greetLater', span },
  { target: 'Model.prototype.fit', training: { subject: ({ self }) => self as object } },
  { target: 'Model.prototype.evaluate', observe: {} },
];

/** Descriptors of all that a library has, at each place where something is patched. */
function shapesOf(library: Library) {
  const { Greeter, PoliteGreeter, Model } = library;
  return [library, Greeter, Greeter.prototype, PoliteGreeter, PoliteGreeter.prototype, Model.prototype].map(
    shapeOf,
  );
}

describe('turning off', () => {
  it('leaves every property as it was, also after a thousand times', () => {
    const { autolog: turn, load } = makeFixture(ALL);
    const library = load();
    const before = shapesOf(library);
    for (let count = 0; count < 1000; count++) {
      turn();
      turn({ disable: true });
    }
    expect(shapesOf(library)).toEqual(before);
    expect(Object.hasOwn(library.PoliteGreeter.prototype, 'greetLater')).toBe(false);
  });

  it('comes before turning on: nothing stacks after a thousand times', () => {
    const { autolog: turn, load } = makeFixture(ALL);
    const library = load();
    const before = shapesOf(library);
    for (let count = 0; count < 500; count++) turn();
    for (let count = 0; count < 500; count++) turn({ silent: count % 2 === 0 });
    new library.Greeter().greet('Ann');
    expect(recorded.spans).toHaveLength(1);
    turn({ disable: true });
    expect(shapesOf(library)).toEqual(before);
  });

  it('during a call lets the call end as it began', async () => {
    const { autolog: turn, load } = makeFixture([{ target: 'Greeter.prototype.greetLater', span }]);
    const { Greeter } = load();
    turn();
    const greeting = new Greeter().greetLater('Ann');
    turn({ disable: true });
    expect(await greeting).toBe('Hello, Ann');
    expect(recorded.span('greet').status.code).toBe('OK');
    await new Greeter().greetLater('Ben');
    expect(recorded.spans).toHaveLength(1);
  });

  it('calls the undo of what was attached, once, and survives when that fails', () => {
    const events: string[] = [];
    const { name, load, autolog: before } = makeFixture();
    const { Greeter } = load();
    const turn = autologgingIntegration(name, {
      ...before.definition,
      attach: () => () => {
        events.push('undo');
        throw new Error('cannot');
      },
    });
    turn();
    const stderr = holdStderr();
    turn({ disable: true });
    turn({ disable: true });
    stderr.release();
    expect(events).toEqual(['undo']);
    expect(stderr.text).toBe(`autolog: ${name}: taking a patch back: cannot\n`);
    expect(new Greeter().greet('Ann')).toBe('Hello, Ann');
  });
});

describe('two integrations on one function', () => {
  for (const first of ['the first', 'the second']) {
    it(`both record, and ${first} goes alone`, () => {
      const one = makeFixture([{ target: 'Greeter.prototype.greet', span: { ...span, name: 'one' } }]);
      const two = makeFixture([{ target: 'Greeter.prototype.greet', span: { ...span, name: 'two' } }]);
      const library = one.load();
      const before = shapesOf(library);
      autolog({ modules: { [two.name]: library } });
      new library.Greeter().greet('Ann');
      expect(recorded.spans.map(({ name }) => name).sort()).toEqual(['one', 'two']);
      recorded.clear();
      const [goes, stays] = first === 'the first' ? [one, two] : [two, one];
      goes.autolog({ disable: true });
      new library.Greeter().greet('Ann');
      expect(recorded.spans.map(({ name }) => name)).toEqual([stays === one ? 'one' : 'two']);
      stays.autolog({ disable: true });
      expect(shapesOf(library)).toEqual(before);
    });
  }
});

describe('a library that is not as expected', () => {
  const MISSING: Patch = { target: 'Greeter.prototype.wave', span };

  it('is left alone as a whole, and that is told once', () => {
    const { autolog: turn, name, load } = makeFixture([...ALL, MISSING]);
    const library = load();
    const before = shapesOf(library);
    const stderr = holdStderr();
    turn();
    turn();
    stderr.release();
    expect(stderr.text).toBe(
      `autolog: ${name}: ${name} 1.2.0 is not logged: Cannot patch 'Greeter.prototype.wave': found undefined, not a function\n`,
    );
    expect(shapesOf(library)).toEqual(before);
  });

  it('is patched without functions that only some versions have', () => {
    const { autolog: turn, load } = makeFixture([...ALL, { ...MISSING, optional: true }]);
    const { Greeter } = load();
    turn();
    new Greeter().greet('Ann');
    expect(recorded.spans).toHaveLength(1);
  });

  it('does not keep a universal call from the others', () => {
    const wrong = makeFixture([MISSING]);
    const right = makeFixture();
    wrong.load();
    const stderr = holdStderr();
    autolog();
    stderr.release();
    new (right.load().Greeter)().greet('Ann');
    expect(recorded.spans).toHaveLength(1);
  });
});
