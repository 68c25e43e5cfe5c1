import shimmer from 'shimmer';

type Fn = (this: unknown, ...args: unknown[]) => unknown;

/** A tool of somebody else that wraps a function in its own way. */
export interface Foreign {
  /** Sets `__original` on its wrapper. */
  readonly isMarked: boolean;
  /** How it goes: only while it is outermost, by putting back what it found, or by staying and passing through. */
  readonly leaves: 'if outermost' | 'always' | 'never';
  /** Puts its wrapper in place, which tells of each call; returns what takes it away, if it can. */
  wrap(target: object, key: string, onCall: () => void): () => void;
}

const calling = (inner: Fn, onCall: () => void): Fn =>
  function (this: unknown, ...args) {
    onCall();
    return Reflect.apply(inner, this, args);
  };

/** As tools in the field do it. */
export const foreigners: Readonly<Record<string, Foreign>> = {
  shimmer: {
    isMarked: true,
    leaves: 'if outermost',
    wrap(target, key, onCall) {
      const holder = target as Record<string, Fn>;
      shimmer.wrap(holder, key, (inner) => calling(inner, onCall));
      const ours = holder[key];
      return () => {
        if (holder[key] === ours) shimmer.unwrap(holder, key);
      };
    },
  },

  // OpenTelemetry's `InstrumentationBase._wrap` and `_unwrap`: shimmer's marks, set anew.
  OpenTelemetry: {
    isMarked: true,
    leaves: 'if outermost',
    wrap(target, key, onCall) {
      const inner = Reflect.get(target, key) as Fn;
      const { enumerable } = Object.getOwnPropertyDescriptor(target, key) as PropertyDescriptor;
      const define = (on: object, name: string, value: unknown, isEnumerable = false): unknown =>
        Object.defineProperty(on, name, { value, enumerable: isEnumerable, configurable: true, writable: true });
      const wrapper = calling(inner, onCall);
      const unwrap = (): void => {
        if (Reflect.get(target, key) === wrapper) define(target, key, inner, enumerable);
      };
      define(wrapper, '__original', inner);
      define(wrapper, '__unwrap', unwrap);
      define(wrapper, '__wrapped', true);
      define(target, key, wrapper, enumerable);
      return unwrap;
    },
  },

  // dd-trace: looks like the function in all its properties, and stays; its subscribers go.
  'a tracer that stays': {
    isMarked: false,
    leaves: 'never',
    wrap(target, key, onCall) {
      const descriptor = Object.getOwnPropertyDescriptor(target, key) as PropertyDescriptor;
      const inner = descriptor.value as Fn;
      const wrapper = calling(inner, onCall);
      Object.setPrototypeOf(wrapper, Object.getPrototypeOf(inner));
      for (const name of ['name', 'length']) {
        Object.defineProperty(wrapper, name, Object.getOwnPropertyDescriptor(inner, name) as PropertyDescriptor);
      }
      Object.defineProperty(target, key, { ...descriptor, value: wrapper });
      return () => undefined;
    },
  },

  'an assignment': {
    isMarked: false,
    leaves: 'always',
    wrap(target, key, onCall) {
      const inner = Reflect.get(target, key) as Fn;
      Reflect.set(target, key, calling(inner, onCall));
      return () => void Reflect.set(target, key, inner);
    },
  },

  'a getter': {
    isMarked: false,
    leaves: 'always',
    wrap(target, key, onCall) {
      const descriptor = Object.getOwnPropertyDescriptor(target, key) as PropertyDescriptor;
      const inner = Reflect.get(target, key) as Fn;
      const wrapper = calling(inner, onCall);
      Object.defineProperty(target, key, { get: () => wrapper, enumerable: true, configurable: true });
      return () => void Object.defineProperty(target, key, descriptor);
    },
  },
};
