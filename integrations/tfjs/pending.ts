import type { Recorder } from '../../src/integration.ts';
import type { TfjsOptions } from './options.ts';

/** Work of a fit that goes on beside it, such as reads from a device; a failure is reported and never thrown. */
export class Pending {
  readonly #recorder: Recorder<TfjsOptions>;
  readonly #work = new Set<Promise<void>>();

  constructor(recorder: Recorder<TfjsOptions>) {
    this.#recorder = recorder;
  }

  /** Hands a value on: at once, or when it has come. */
  handOn<T>(what: string, value: T | Promise<T>, use: (value: T) => void): void {
    if (!(value instanceof Promise)) {
      use(value);
      return;
    }
    const work = value.then(use).catch((error: unknown) => {
      this.#recorder.guard(what, () => {
        throw error;
      });
    });
    const tracked = work.finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  /** Resolves when nothing is left; undefined when nothing is. */
  settled(): Promise<unknown> | undefined {
    return this.#work.size === 0 ? undefined : Promise.all(this.#work);
  }
}
