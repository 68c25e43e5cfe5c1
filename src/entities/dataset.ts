/** Data that a run read, described by digest, schema and profile; the data itself is not stored. */
export interface Dataset {
  readonly name: string;
  /** Short hash of the content, at most 36 characters. */
  readonly digest: string;
  /** Kind of `source`: "code", "local", "http", … */
  readonly sourceType: string;
  /** JSON text. */
  readonly source: string;
  /** JSON text, as MLflow's `mlflow_colspec` or `mlflow_tensorspec`. */
  readonly schema: string | null;
  /** JSON text: row counts, shapes, sizes. */
  readonly profile: string | null;
}

/** A dataset in its role for a run; the context is the tag `mlflow.data.context` ("train", "eval"). */
export interface DatasetInput {
  readonly dataset: Dataset;
  readonly tags: Readonly<Record<string, string>>;
}
