import type { EventEmitter } from 'node:events';

export class Greeter {
  constructor(word?: string);
  static create(word?: string): Greeter;
  word: string;
  greet(name?: unknown): string;
  greetTwice(name?: unknown): string[];
  again(times: number, name?: unknown): string;
  greetLater(name?: unknown): Promise<string>;
  greetLazily(name?: unknown): PromiseLike<string> & { readonly startCount: number };
  stream(...names: unknown[]): AsyncGenerator<string>;
  announce(...names: unknown[]): EventEmitter;
  get greetByGetter(): (name?: unknown) => string;
  run<R>(fn: () => R): R;
  refuse(error: unknown): never;
  refuseLater(error: unknown): Promise<never>;
}

export class PoliteGreeter extends Greeter {}

export interface FitOptions {
  epochs?: number;
  onEpoch?(epoch: number, loss: number): void;
}

export class Model {
  name: string;
  weights: number[];
  fit(data: readonly unknown[], options?: FitOptions): number[];
  fitLater(data: readonly unknown[], options?: FitOptions): Promise<number[]>;
  fitWith<R>(fn: () => R): Promise<Awaited<R>>;
  evaluate(): number;
}

export function greet(name?: unknown): string;

/** All that the library exports. */
export interface Library {
  readonly Greeter: typeof Greeter;
  readonly PoliteGreeter: typeof PoliteGreeter;
  readonly Model: typeof Model;
  readonly greet: typeof greet;
}
