import { steadyMs } from '../../clock.ts';
import type { ExperimentRef } from '../../entities/experiment.ts';
import { invalidParameter } from '../../errors.ts';
import { createExperiment, getExperimentByName } from './experiments.ts';
import { type CallOptions, isRefusal, type RestApi } from './rest-api.ts';

/** How long the id of a name is not asked for again. */
const FRESH_MS = 60_000;

/** The ids of experiments that records name; one that is missing is created. */
export class ExperimentIds {
  readonly #api: RestApi;
  readonly #known = new Map<string, { readonly id: Promise<string>; readonly askedAtMs: number }>();

  constructor(api: RestApi) {
    this.#api = api;
  }

  /** @throws {AutologError} INVALID_PARAMETER_VALUE for the name of a deleted experiment. */
  resolve(ref: ExperimentRef, call: CallOptions): Promise<string> {
    if ('id' in ref) return Promise.resolve(ref.id);
    const known = this.#known.get(ref.name);
    if (known !== undefined && steadyMs() - known.askedAtMs < FRESH_MS) return known.id;
    const id = this.#ask(ref.name, call);
    this.#known.set(ref.name, { id, askedAtMs: steadyMs() });
    // What failed is asked again; whoever waits for it is told.
    id.catch(() => this.#known.delete(ref.name));
    return id;
  }

  /** Asks again the next time: the server does not know an id that it gave. */
  forget(): void {
    this.#known.clear();
  }

  async #ask(name: string, call: CallOptions): Promise<string> {
    const known = await getExperimentByName(this.#api, name, call);
    if (known === null) {
      try {
        return await createExperiment(this.#api, name, {}, call);
      } catch (error) {
        if (!isRefusal(error, 'RESOURCE_ALREADY_EXISTS')) throw error;
        // Another process was faster.
        return this.#ask(name, call);
      }
    }
    if (known.lifecycleStage === 'active') return known.experimentId;
    throw invalidParameter(
      `Cannot log to the experiment '${name}': it is deleted; restore it or take another name.`,
    );
  }
}
