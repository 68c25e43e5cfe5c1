import type {
  toArtifactWords,
  toExperimentWords,
  toMetricWords,
  toModelWords,
  toRunWords,
  toTraceWords,
} from './mlflow-words.ts';

/** What `python/read_database.py` prints of each database. */
export interface PythonDatabase {
  readonly experiments: readonly ReturnType<typeof toExperimentWords>[];
  readonly runs: readonly PythonRun[];
  readonly models: readonly PythonModel[];
  readonly traces: readonly PythonTrace[];
  /** For each search that was asked for, the ids that it found, in their order. */
  readonly found: Readonly<Record<string, readonly string[]>>;
}

/** A run as MLflow reads it. */
export interface PythonRun extends ReturnType<typeof toRunWords> {
  readonly histories: Readonly<Record<string, readonly ReturnType<typeof toMetricWords>[]>>;
  readonly artifacts: readonly ReturnType<typeof toArtifactWords>[];
  /** Contents of the artifacts that are named `.txt`. */
  readonly texts: Readonly<Record<string, string>>;
  /** The datasets as MLflow's classes understand their texts. */
  readonly parsed_datasets: readonly ParsedDataset[];
}

/** Source, schema and profile of a dataset, understood by MLflow. */
export interface ParsedDataset {
  readonly source_class: string;
  readonly source: unknown;
  readonly schema: { readonly features: readonly Column[]; readonly targets: readonly Column[] | null };
  readonly profile: Readonly<Record<string, unknown>>;
}

/** A column or tensor of a schema that MLflow has parsed. */
export interface Column {
  readonly name: string | null;
  readonly dtype: string;
  readonly shape?: readonly number[];
}

/** A logged model as MLflow reads it, with its MLmodel file. */
export interface PythonModel extends ReturnType<typeof toModelWords> {
  readonly artifacts: readonly ReturnType<typeof toArtifactWords>[];
  readonly mlmodel: {
    readonly flavors: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly signature: { readonly inputs: readonly Column[]; readonly outputs: readonly Column[] };
    readonly input_example: unknown;
    readonly [field: string]: unknown;
  };
}

/** A trace as MLflow reads it by its id. */
export interface PythonTrace extends ReturnType<typeof toTraceWords> {
  /** Whether the search has found it with the same content, spans included. */
  readonly same_when_found: boolean;
}
