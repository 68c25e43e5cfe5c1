import { consume } from './consume.ts';
import { type Copy, createCopy, type Method, type Tell } from './machine.ts';
import type { CallStep, Program, Step } from './program.ts';

/** What autologging does in a program; the native run has it do nothing. */
export interface Autologging {
  begin(copy: Copy): void;
  turn(which: 0 | 1, on: boolean): void;
  suppress<R>(fn: () => R): R;
  span<R>(fn: () => Promise<R>): Promise<R>;
  /**
   * Told of each call before it is made, and says whether it is recorded; `isKnown` is false once foreign wrappers decide
   * who is called.
   */
  calls(target: string, place: Place, isKnown: boolean, ends?: SpanEnding): boolean;
  end(): void;
}

/** How the span of a call must end; undefined where it depends on more. */
export type SpanEnding = 'failed' | 'cancelled' | undefined;

/** Where in the program a call is made. */
export interface Place {
  readonly isSuppressed: boolean;
  /** True inside a recorded call of `outer`. */
  readonly isInside: boolean;
}

/** All that can be told of a program from outside. */
export interface Observed {
  readonly events: readonly string[];
  readonly unhandled: readonly string[];
  /** Properties of the library at the end, where no foreign wrapper was put on. */
  readonly properties: readonly string[];
}

interface Foreign {
  readonly owner: object;
  readonly method: Method;
  readonly before: PropertyDescriptor | undefined;
}

/** Plays a program once. */
export async function play(program: Program, autologging: Autologging): Promise<Observed> {
  const events: string[] = [];
  const unhandled: string[] = [];
  const names = new Map<unknown, string>();
  const nameOf = (value: unknown): string => {
    const known = names.get(value);
    if (known !== undefined) return known;
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    if (typeof value === 'object' && value !== null) return `a ${classOf(value)}`;
    return String(value);
  };
  const tell: Tell = (event, ...values) => events.push(`${event} ${values.map(nameOf).join(', ')}`.trimEnd());
  const onUnhandled = (reason: unknown): void => void unhandled.push(nameOf(reason));
  process.on('unhandledRejection', onUnhandled);
  const copy = createCopy(tell);
  const before = propertiesOf(copy);
  const wrapped = new Set<string>();
  const foreign: Foreign[] = [];
  let callCount = 0;

  const machine = new copy.Machine('the machine');
  names.set(machine, 'machine').set(copy.Machine, 'Machine');
  autologging.begin(copy);
  for (const which of [0, 1] as const) autologging.turn(which, program.startsOn[which]);
  await Promise.all(
    program.tasks.map((steps, task) => run(steps, `${task}`, { isSuppressed: false, isInside: false })),
  );
  for (let i = 0; i < 4; i++) await new Promise(setImmediate);
  for (const which of [0, 1] as const) autologging.turn(which, false);
  const after = propertiesOf(copy);
  autologging.end();
  process.off('unhandledRejection', onUnhandled);
  const isSame = (key: string): boolean => wrapped.size > 0 || after.get(key) === before.get(key);
  return {
    events,
    unhandled,
    properties: [...before.keys(), ...after.keys()].filter((key) => !isSame(key)),
  };

  async function run(steps: readonly Step[], at: string, place: Place): Promise<void> {
    for (const [i, step] of steps.entries()) await take(step, `${at}.${i}`, place);
  }

  async function take(step: Step, at: string, place: Place): Promise<void> {
    tell(`${at}: ${step.do}`);
    if (step.do === 'call') await call(step, at, place);
    else if (step.do === 'turn') autologging.turn(step.which, step.on);
    else if (step.do === 'wrap') wrap(step.method, step.how);
    else if (step.do === 'unwrap') unwrap();
    else if (step.do === 'construct') construct(step.kind, place);
    else if (step.do === 'wait') await (step.how === 'microtask' ? null : new Promise(setImmediate));
    else if (step.do === 'suppress') {
      await autologging.suppress(() => run(step.steps, at, { ...place, isSuppressed: true }));
    } else if (step.do === 'span') await autologging.span(() => run(step.steps, at, place));
    else {
      const isInside = autologging.calls('outer', place, true) || place.isInside;
      await machine.outer(() => run(step.steps, at, { ...place, isInside }));
    }
  }

  async function call(step: CallStep, at: string, place: Place): Promise<void> {
    const { method, items, turns, fails, extra } = step;
    const id = callCount++;
    const value = Object.freeze({ id });
    const error = new Error(`error ${id}`);
    const task = Object.freeze({ value, items, turns, fails, error });
    names.set(value, `value ${id}`).set(error, `error ${id}`).set(task, `task ${id}`);
    const args = [task, ...Array.from({ length: extra }, (_, i) => i)] as unknown as [typeof task];
    const self = (method === 'fixed' ? copy.Machine : machine) as typeof machine;
    // Where the class itself is patched, another function stands for it.
    names.set(copy.Machine, 'Machine');
    tell('function', self[method as 'sync'].name, self[method as 'sync'].length);
    autologging.calls(method, place, !wrapped.has(method), endingOf(step));
    let result: unknown;
    try {
      result = self[method as 'sync'](...args);
    } catch (thrown) {
      tell('thrown', thrown);
      return;
    }
    tell('returned', result, isPromise(result), keysOf(result));
    names.set(result, names.get(result) ?? `result ${id}`);
    await consume(result, step, (event, ...values) => tell(`${at} ${event}`, ...values));
  }

  function construct(kind: 'class' | 'subclass', place: Place): void {
    const { Machine } = copy;
    autologging.calls('Machine', place, true);
    const Made = kind === 'class' ? Machine : class Sub extends (Machine as new (name: string) => object) {};
    const made = new Made('another');
    tell('made', made, made instanceof Machine, Object.getPrototypeOf(made) === Made.prototype);
  }

  function wrap(method: Method, how: 'assign' | 'define'): void {
    const owner = ownerOf(copy, machine, method);
    const before = Object.getOwnPropertyDescriptor(owner, method);
    const inner = (owner as Record<string, (...args: unknown[]) => unknown>)[method] as () => unknown;
    const value = function foreign(this: unknown, ...args: unknown[]): unknown {
      tell('foreign', method, args.length);
      return Reflect.apply(inner, this, args);
    };
    wrapped.add(method);
    foreign.push({ owner, method, before });
    if (how === 'assign') Reflect.set(owner, method, value);
    else Object.defineProperty(owner, method, { value, writable: true, enumerable: false, configurable: true });
  }

  function unwrap(): void {
    const { owner, method, before } = foreign.pop() ?? {};
    if (owner === undefined || method === undefined) return;
    if (before === undefined) Reflect.deleteProperty(owner, method);
    else Object.defineProperty(owner, method, before);
  }
}

/** What surely becomes of a call. */
function endingOf({ method, ending, fails, after, items }: CallStep): SpanEnding {
  const isIgnored = ending === 'ignore' || ending === 'hold';
  if (fails === 'at once') return method === 'promise' && isIgnored ? undefined : 'failed';
  if (isIgnored) return undefined;
  if (['promise', 'settled', 'special', 'thenable'].includes(method)) return fails === 'no' ? undefined : 'failed';
  const isLeft = (ending === 'break' || ending === 'throw') && after < items && fails === 'no';
  return isLeft && ['stream', 'iterable', 'sdkStream'].includes(method) ? 'cancelled' : undefined;
}

function ownerOf({ Machine }: Copy, machine: object, method: Method): object {
  if (method === 'fixed') return Machine;
  return method === 'own' ? machine : Machine.prototype;
}

/** Reads nothing of the object itself. */
function classOf(value: object): string {
  return (Object.getPrototypeOf(value) as object | null)?.constructor.name ?? 'nameless';
}

function isPromise(value: unknown): boolean {
  return value instanceof Promise;
}

function keysOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? Object.keys(value).join('|') : '';
}

/** Each property of the library, with what stands there. */
function propertiesOf({ Machine }: Copy): Map<string, unknown> {
  const properties = new Map<string, unknown>();
  const places = {
    Machine,
    prototype: Machine.prototype,
    base: Object.getPrototypeOf(Machine.prototype) as object,
  };
  for (const [place, owner] of Object.entries(places)) {
    for (const key of Reflect.ownKeys(owner)) {
      const { value, get, ...flags } = Object.getOwnPropertyDescriptor(owner, key) ?? {};
      properties.set(`${place}.${String(key)}`, value ?? get);
      properties.set(`${place}.${String(key)} flags`, JSON.stringify(flags));
    }
  }
  return properties;
}
