import { types } from 'node:util';
import { reportFailure } from '../failures.ts';
import type { LiveSpan } from './live-span.ts';
import { endSafely, failSafely, withActiveSpan } from './tracer.ts';

/** Items of a generator that are kept for the outputs; of those beyond, the count. */
const MAX_ITEMS = 10_000;

type Reduce = ((items: readonly unknown[]) => unknown) | undefined;
type Step = (...args: unknown[]) => unknown;

/** What a span knows of a generator, without leading to it. */
interface Passed {
  readonly span: LiveSpan;
  readonly reduce: Reduce;
  readonly items: unknown[];
  droppedCount: number;
}

/**
 * Follows the steps of a generator object, of either kind: its body runs with the span as the active one, and the span
 * ends with it. Returns false for anything else.
 */
export function followGenerator(value: unknown, span: LiveSpan, reduce: Reduce): boolean {
  if (!types.isGeneratorObject(value) || !Object.isExtensible(value)) return false;
  const passed: Passed = { span, reduce, items: [], droppedCount: 0 };
  for (const key of ['next', 'return', 'throw'] as const) shadow(value, key, passed);
  collected.register(value, passed);
  return true;
}

const collected = new FinalizationRegistry<Passed>((passed) => {
  if (passed.span.isEnded) return;
  const attributes = { 'autolog.abandoned': true };
  endSafely(passed.span, { outputs: outputsOf(passed), attributes, incomplete: 'nobody read it to its end' });
});

/** On the object itself: whoever holds the generator goes through it, and `instanceof` still holds. */
function shadow(generator: object, key: 'next' | 'return' | 'throw', passed: Passed): void {
  const original = (generator as Record<string, Step>)[key] as Step;
  const value = function (this: unknown, ...args: unknown[]): unknown {
    if (passed.span.isEnded) return Reflect.apply(original, this, args);
    return step(() => Reflect.apply(original, this, args), passed, key === 'return');
  };
  Object.defineProperty(generator, key, { value, writable: true, configurable: true, enumerable: false });
}

function step(run: () => unknown, passed: Passed, isLeft: boolean): unknown {
  let result: unknown;
  try {
    result = withActiveSpan(passed.span, run);
  } catch (error) {
    failSafely(passed.span, error);
    throw error;
  }
  if (!types.isPromise(result)) {
    note(result, passed, isLeft);
    return result;
  }
  return result.then(
    (value) => {
      note(value, passed, isLeft);
      return value;
    },
    (error: unknown) => {
      failSafely(passed.span, error);
      throw error;
    },
  );
}

function note(result: unknown, passed: Passed, isLeft: boolean): void {
  const { done, value } = result as IteratorResult<unknown>;
  if (done !== true) {
    if (passed.items.length < MAX_ITEMS) passed.items.push(value);
    else passed.droppedCount += 1;
    return;
  }
  const attributes = isLeft ? { 'autolog.cancelled': true } : {};
  endSafely(passed.span, { outputs: passed.span.outputs ?? outputsOf(passed), attributes });
}

function outputsOf({ items, droppedCount, reduce }: Passed): unknown {
  const all = droppedCount === 0 ? items : [...items, `… [${droppedCount} more items]`];
  if (reduce === undefined) return all;
  try {
    return reduce(items);
  } catch (error) {
    reportFailure('reducing the outputs of a generator', error);
    return all;
  }
}
