import fc from 'fast-check';
import { METHODS, type Method } from './machine.ts';

/** How the program goes on with what a call gave. */
export const ENDINGS = [
  'await',
  'await twice',
  'catch',
  'finally',
  'all',
  'race',
  'ignore',
  'read',
  'break',
  'throw',
  'return',
  'hold',
  'read twice',
  'tee',
  'one branch',
  'abort',
  'pipe',
] as const;

export type Ending = (typeof ENDINGS)[number];

/** A call of the library. */
export interface CallStep {
  readonly do: 'call';
  readonly method: Method;
  readonly ending: Ending;
  readonly after: number;
  readonly items: number;
  readonly turns: number;
  readonly fails: 'no' | 'at once' | 'later';
  readonly extra: number;
}

/** A step of a program; in the native run, what only concerns autologging does nothing. */
export type Step =
  | CallStep
  | { readonly do: 'outer' | 'suppress' | 'span'; readonly steps: readonly Step[] }
  | { readonly do: 'turn'; readonly on: boolean; readonly which: 0 | 1 }
  | { readonly do: 'wrap'; readonly method: Method; readonly how: 'assign' | 'define' }
  | { readonly do: 'unwrap' }
  | { readonly do: 'construct'; readonly kind: 'class' | 'subclass' }
  | { readonly do: 'wait'; readonly how: 'microtask' | 'immediate' };

/** Tasks that go on at the same time. */
export interface Program {
  readonly startsOn: readonly [boolean, boolean];
  readonly tasks: readonly (readonly Step[])[];
}

const call: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('call' as const),
  method: fc.constantFrom(...METHODS.filter((m) => !(process.env.FUZZ_WITHOUT ?? '').split(',').includes(m))),
  ending: fc.constantFrom(...ENDINGS),
  after: fc.integer({ min: 0, max: 3 }),
  items: fc.integer({ min: 0, max: 4 }),
  turns: fc.integer({ min: 0, max: 3 }),
  fails: fc.constantFrom('no', 'no', 'no', 'at once', 'later'),
  extra: fc.integer({ min: 0, max: 2 }),
});

const plain: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: call },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('turn' as const), on: fc.boolean(), which: fc.constantFrom(0, 1) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('wrap' as const),
      method: fc.constantFrom(...METHODS.filter((method) => !['getter', 'locked'].includes(method))),
      how: fc.constantFrom('assign', 'define'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unwrap' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('construct' as const), kind: fc.constantFrom('class', 'subclass') }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      how: fc.constantFrom('microtask', 'immediate'),
    }),
  },
) as fc.Arbitrary<Step>;

const step = nesting(nesting(plain));

function nesting(inner: fc.Arbitrary<Step>): fc.Arbitrary<Step> {
  const nest = fc.record({
    do: fc.constantFrom('outer', 'suppress', 'span'),
    steps: fc.array(inner, { maxLength: 4 }),
  });
  return fc.oneof({ weight: 5, arbitrary: inner }, { weight: 1, arbitrary: nest }) as fc.Arbitrary<Step>;
}

/** Random programs. */
export const programs: fc.Arbitrary<Program> = fc.record({
  startsOn: fc.tuple(fc.boolean(), fc.boolean()),
  tasks: fc.array(fc.array(step, { maxLength: 8 }), { minLength: 1, maxLength: 3 }),
});
