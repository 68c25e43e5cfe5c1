/** Whether an entity is in use or was moved to the bin. */
export type LifecycleStage = 'active' | 'deleted';

/** A group of runs, traces and models with one artifact location. */
export interface Experiment {
  /** Decimal digits. */
  readonly experimentId: string;
  readonly name: string;
  /** URI or absolute path under which the runs' artifacts lie. */
  readonly artifactLocation: string;
  readonly lifecycleStage: LifecycleStage;
  /** Milliseconds since the Unix epoch. */
  readonly creationTime: number | null;
  /** Milliseconds since the Unix epoch. */
  readonly lastUpdateTime: number | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** Names an experiment before the store has been asked for it: by id, or by name, which creates it when missing. */
export type ExperimentRef = { readonly id: string } | { readonly name: string };
