import type { Recorder } from '../../src/integration.ts';
import type { FitInfo, FitSession } from './fit-session.ts';
import type { LayersModel } from './library.ts';
import type { Logs } from './metrics.ts';
import type { TfjsOptions } from './options.ts';

/** The part of tfjs-layers that is called. Source: tfjs-layers `src/exports.ts`, read at 4.22. */
export interface LayersExports {
  readonly LayersModel: { readonly prototype: object };
  readonly version_layers?: string;
  registerCallbackConstructor(verbosity: number, callback: new () => object): void;
}

/** One loaded copy of tfjs-layers. */
export interface LayersCopy {
  readonly version: string;
  /** Undefined while the integration is off. */
  recorder: Recorder<TfjsOptions> | undefined;
  /** Has the relay called at each fit from now on; throws when it is called already. */
  register(): void;
}

const copies = new WeakMap<object, LayersCopy>();
const sessions = new WeakMap<LayersModel, FitSession>();

/**
 * Connects a copy of tfjs-layers to a recorder, and returns the undo.
 *
 * tfjs keeps what is registered with it for good, so there is one relay for each copy, which does nothing while the
 * copy is not connected.
 */
export function connectRelay(layers: LayersExports, recorder: Recorder<TfjsOptions>): () => void {
  const { prototype } = layers.LayersModel;
  let copy = copies.get(prototype);
  if (copy === undefined) {
    const relay = createRelay();
    // Level 0 is called at every verbosity.
    const register = (): void => layers.registerCallbackConstructor(0, relay);
    copy = { version: layers.version_layers ?? 'unknown', recorder, register };
    copies.set(prototype, copy);
    register();
  }
  const connected = copy;
  connected.recorder = recorder;
  return () => {
    if (connected.recorder === recorder) connected.recorder = undefined;
  };
}

/** The copy of tfjs-layers that a model comes from. */
export function copyOf(model: object): LayersCopy | undefined {
  let prototype: object | null = Object.getPrototypeOf(model);
  while (prototype !== null) {
    const copy = copies.get(prototype);
    if (copy !== undefined) return copy;
    prototype = Object.getPrototypeOf(prototype);
  }
  return undefined;
}

/** Has the next fit of a model logged by a session. */
export function openSession(session: FitSession, copy: LayersCopy): void {
  sessions.set(session.call.model, session);
  try {
    copy.register();
  } catch {
    // ValueError: it is there, as ever but where a program has cleared the registry of tfjs.
  }
}

/** The callback that tfjs makes for each fit, beside those of the program. */
function createRelay(): new () => object {
  return class Relay {
    #info: FitInfo = {};
    #session: FitSession | undefined;

    setParams(info: FitInfo): void {
      this.#info = info;
    }

    setModel(model: LayersModel): void {
      const session = sessions.get(model);
      sessions.delete(model);
      this.#session = session?.isUnderWay ? session : undefined;
    }

    onTrainBegin(): Promise<unknown> | undefined {
      return this.#guard('the beginning of a fit', (session) => session.trainBegan(this.#info));
    }

    onEpochBegin(): void {
      // Nothing is logged of an epoch that begins, but tfjs calls this on every callback.
    }

    onBatchBegin(): void {
      // As above.
    }

    onBatchEnd(_batch: number, logs: Logs): Promise<void> | undefined {
      return this.#guard('batch metrics', (session) => session.batchEnded(logs));
    }

    onEpochEnd(epoch: number, logs: Logs): Promise<void> | undefined {
      return this.#guard('epoch metrics', (session) => session.epochEnded(epoch, logs));
    }

    async onTrainEnd(): Promise<void> {
      await this.#guard('the end of a fit', (session) => session.trainEnded());
    }

    #guard<R>(what: string, use: (session: FitSession) => R): R | undefined {
      const session = this.#session;
      return session === undefined ? undefined : session.call.recorder.guard(what, () => use(session));
    }
  };
}
