/** How a key is compared; upper case, whatever was written. */
export type Comparator =
  | '='
  | '!='
  | '>'
  | '>='
  | '<'
  | '<='
  | 'LIKE'
  | 'ILIKE'
  | 'RLIKE'
  | 'IN'
  | 'NOT IN'
  | 'IS NULL'
  | 'IS NOT NULL';

/**
 * One condition of a filter: all of them hold. Parsed, checked and in one spelling: aliases of entities and keys are
 * gone, and numbers are numbers.
 */
export interface Clause<Entity extends string = string> {
  readonly entity: Entity;
  readonly key: string;
  readonly comparator: Comparator;
  /** A list of at least one for IN and NOT IN, null for IS NULL and IS NOT NULL. */
  readonly value: string | number | readonly string[] | null;
}

/** One key that results are sorted by. */
export interface SortKey<Entity extends string = string> {
  readonly entity: Entity;
  readonly key: string;
  readonly isAscending: boolean;
}

/** One key that logged models are sorted by; of a metric, the latest point on the dataset counts. */
export interface LoggedModelSortKey extends SortKey<LoggedModelEntity> {
  readonly datasetName?: string;
  readonly datasetDigest?: string;
}

/** Parts of an experiment that can be compared. */
export type ExperimentEntity = 'attribute' | 'tag';
/** Parts of a run that can be compared. */
export type RunEntity = 'attribute' | 'metric' | 'param' | 'tag' | 'dataset';
/** Parts of a logged model that can be compared. */
export type LoggedModelEntity = 'attribute' | 'metric' | 'param' | 'tag';
/**
 * Parts of a trace that can be compared.
 *
 * `run` stands for the traces of a run, logged in it or linked to it (key `run_id`, by `=` and `IN`); the other
 * comparators of `run_id` are those of the metadata `mlflow.sourceRun`, as `name` is the tag `mlflow.traceName`.
 * The key of a span is `name`, `type`, `status`, `content` or `attributes.<key>`; of feedback and expectations, the name
 * of the assessment, whose value is compared with text, or by `> >= < <=` with a number.
 */
export type TraceEntity =
  | 'attribute'
  | 'tag'
  | 'metadata'
  | 'span'
  | 'feedback'
  | 'expectation'
  | 'issue'
  | 'prompt'
  | 'run';
