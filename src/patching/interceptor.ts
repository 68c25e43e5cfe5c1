/** A call of a patched function, as the caller made it. */
export interface Call {
  /** `this` of the call. */
  readonly self: unknown;
  readonly args: readonly unknown[];
}

/** What is wanted of one call; every member is guarded, none can change the caller's result. */
export interface Observer {
  /** Arguments for the original instead of the caller's; a new array. */
  readonly args?: readonly unknown[];
  /** Runs the original in a context of its own. */
  readonly run?: <R>(fn: () => R) => R;
  /** Gets what the original returned, or what its promise resolved to. */
  readonly resolved?: (value: unknown) => void;
  /** Gets what the original threw, or what its promise rejected with. */
  readonly rejected?: (error: unknown) => void;
}

/** Stands round a function: asked at the start of each call, before the original runs. */
export interface Interceptor {
  /** Named in reports of its failures. */
  readonly name: string;
  /** Returns undefined to let the call pass unobserved. */
  begin(call: Call): Observer | undefined;
}
