/** A call of a patched function, as the caller made it. */
export interface Call {
  /** `this` of the call; undefined where a class is constructed. */
  readonly self: unknown;
  /** A copy, which the original never sees. */
  readonly args: readonly unknown[];
  /** The class of which an instance is made, where the call is a `new`: the patched one, or a subclass of it. */
  readonly newTarget?: object;
}

/** What is wanted of one call; every member is guarded, none can change the caller's result. */
export interface Observer {
  /** Arguments for the original instead of the caller's: a new array that has all of theirs. */
  readonly args?: readonly unknown[];
  /** Runs the original in a context of its own. */
  readonly run?: <R>(fn: () => R) => R;
  /** Gets what the original returned, or what its promise resolved to. */
  readonly resolved?: (value: unknown) => void;
  /** Gets what the original threw, or what its promise rejected with. */
  readonly rejected?: (error: unknown) => void;
  /** The program let go of the result: its value stays unknown, and whether it was good too, unless it is 'fulfilled'. */
  readonly abandoned?: (state: 'fulfilled' | 'unknown') => void;
}

/** Stands round a function: asked at the start of each call, before the original runs. */
export interface Interceptor {
  /** The integration's name and the target, as `openai OpenAI.prototype.post`; named so in reports of its failures. */
  readonly name: string;
  /** Returns undefined to let the call pass unobserved. */
  begin(call: Call): Observer | undefined;
}
