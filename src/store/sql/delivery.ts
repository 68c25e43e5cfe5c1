import type { Experiment, ExperimentRef } from '../../entities/experiment.ts';
import { resolveExperiment } from './experiments.ts';
import type { MetricSeries } from './metrics.ts';
import type { Operation } from './operation.ts';
import { requireActiveRun } from './run-state.ts';
import type { SchemaShape } from './schema/verify.ts';
import type { KnownTrace } from './trace-rows.ts';

/**
 * What one transaction has found out and need not ask again: while it lasts, nobody else writes.
 *
 * Thrown away with the transaction.
 */
export class Delivery {
  readonly shape: SchemaShape;
  readonly artifactRoot: string;
  /** Keys that were found valid, of metrics and params. */
  readonly validKeys = new Set<string>();
  /** Logged models that exist. */
  readonly models = new Set<string>();
  /** Traces that exist, by id. */
  readonly traces = new Map<string, KnownTrace>();
  /** Points of metrics that are not written yet, by run and key. */
  readonly metrics = new Map<string, MetricSeries>();
  readonly #runs = new Map<string, number>();
  readonly #experiments = new Map<string, Experiment>();

  constructor(shape: SchemaShape, artifactRoot: string) {
    this.shape = shape;
    this.artifactRoot = artifactRoot;
  }

  /** Whether a run was found active. */
  knowsRun(runId: string): boolean {
    return this.#runs.has(runId);
  }

  /**
   * Checks that a run is active and returns its experiment's id.
   *
   * @throws {AutologError} RESOURCE_DOES_NOT_EXIST, or INVALID_PARAMETER_VALUE for a deleted run.
   */
  *activeRun(runId: string): Operation<number> {
    const known = this.#runs.get(runId);
    if (known !== undefined) return known;
    const experimentId = yield* requireActiveRun(runId);
    this.#runs.set(runId, experimentId);
    return experimentId;
  }

  /**
   * Finds or creates the active experiment that a reference means.
   *
   * @throws {AutologError} RESOURCE_DOES_NOT_EXIST, or INVALID_PARAMETER_VALUE for a deleted experiment.
   */
  *experiment(ref: ExperimentRef): Operation<Experiment> {
    const key = 'id' in ref ? `id ${ref.id}` : `name ${ref.name}`;
    const known = this.#experiments.get(key);
    if (known) return known;
    const experiment = yield* resolveExperiment(ref, this.artifactRoot);
    this.#experiments.set(key, experiment);
    return experiment;
  }
}
