import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intercept } from '../../src/patching/intercept.ts';
import { type Foreign, foreigners } from './foreign-wrappers.ts';
import { LayersModel, type Step } from './layers-model.ts';

/** Where the function stands; a stranger wraps it there, and only there. */
const PLACES: Readonly<Record<string, () => object>> = {
  'an own method': () => ({ fn: (x: unknown) => x }),
  'a class method': () =>
    class {
      fn(x: unknown): unknown {
        return x;
      }
    }.prototype,
  'a static method': () =>
    class {
      readonly made = true;
      static fn(x: unknown): unknown {
        return x;
      }
    },
  'a property of a sealed object': () => Object.seal({ fn: (x: unknown) => x }),
};

/** Those that redefine a property cannot have one that is fixed. */
const isPossible = (place: string, foreign: string): boolean =>
  place !== 'a property of a sealed object' || ['an assignment'].includes(foreign);

/** Plays steps on a real function and on the model, and compares who is told of each call. */
class Play {
  readonly target: object;
  readonly before: object;
  readonly model: LayersModel;
  readonly #foreign: Foreign;
  readonly #undo = new Map<string, () => void>();
  #told: string[] = [];

  constructor(place: string, foreign: Foreign) {
    this.target = (PLACES[place] as () => object)();
    this.before = Object.getOwnPropertyDescriptors(this.target);
    this.model = new LayersModel(foreign);
    this.#foreign = foreign;
  }

  do(step: Step): void {
    const [who, how] = step.split(' ') as [string, string];
    // Who is there does not come again, and who is not there does not go.
    if (this.#undo.has(who) === (how === 'comes')) return;
    this.model.do(step);
    if (how === 'comes') this.#undo.set(who, this.#come(who));
    else {
      this.#undo.get(who)?.();
      this.#undo.delete(who);
    }
    expect(this.#call(), `after '${step}'`).toEqual(this.model.told);
  }

  /** Everybody goes who is still there. */
  end(): void {
    for (const who of [...this.#undo.keys()]) this.do(`${who} goes` as Step);
    expect([this.model.told, this.model.isOurs]).toEqual([[], false]);
    // An empty shell looks whether it can go after as many calls again, and after 1024 at the latest.
    for (let i = 0; i < 1024; i++) this.#call();
    // A stranger that does not go keeps what lies below it.
    if (this.model.isEmpty) expect(Object.getOwnPropertyDescriptors(this.target)).toEqual(this.before);
  }

  #come(who: string): () => void {
    const tell = (): void => void this.#told.push(who);
    if (who === 'stranger') return this.#strangerComes(tell);
    return intercept(this.target, 'fn', { name: `${who} fn`, begin: () => ({ resolved: tell }) });
  }

  #strangerComes(tell: () => void): () => void {
    let isOn = true;
    const undo = this.#foreign.wrap(this.target, 'fn', () => {
      if (isOn) tell();
    });
    return () => {
      isOn = false;
      undo();
    };
  }

  #call(): string[] {
    this.#told = [];
    const argument = {};
    expect((this.target as { fn(x: unknown): unknown }).fn(argument)).toBe(argument);
    return this.#told.sort();
  }
}

const STEPS: readonly Step[] = [
  'one comes',
  'one goes',
  'two comes',
  'two goes',
  'stranger comes',
  'stranger goes',
];

/** Orders of all steps in which everybody comes before they go. */
function ordersOf(rest: readonly Step[] = STEPS): Step[][] {
  if (rest.length === 0) return [[]];
  return rest
    .filter((step) => step.endsWith('comes') || !rest.includes(step.replace('goes', 'comes') as Step))
    .flatMap((step) => ordersOf(rest.filter((other) => other !== step)).map((order) => [step, ...order]));
}

const PAIRS = Object.keys(PLACES).flatMap((place) =>
  Object.keys(foreigners)
    .filter((foreign) => isPossible(place, foreign))
    .map((foreign) => [place, foreign] as const),
);

describe.each(PAIRS)('two integrations on %s, and %s', (place, name) => {
  const foreign = foreigners[name] as Foreign;

  it('record while they are on, in each order of coming and going, and leave nothing', () => {
    const orders = ordersOf();
    expect(orders).toHaveLength(90);
    for (const order of orders) {
      const play = new Play(place, foreign);
      for (const step of order) play.do(step);
      play.end();
    }
  });

  it('record while they are on, whatever comes and goes how often, and leave nothing', () => {
    const steps = fc.array(fc.constantFrom(...STEPS), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (order) => {
        const play = new Play(place, foreign);
        for (const step of order) play.do(step);
        play.end();
      }),
      { numRuns: 200 },
    );
  });
});
