import type { Dataset } from '../entities/dataset.ts';
import type { ExperimentRef } from '../entities/experiment.ts';
import type { LoggedModelStatus } from '../entities/logged-model.ts';
import type { RunStatus } from '../entities/run.ts';
import type { SpanLink, TraceState } from '../entities/trace.ts';

/**
 * One thing that was logged: the unit of the journal and of delivery to a store.
 *
 * Plain JSON data. Metric values that JSON cannot hold are the strings "NaN", "Infinity" and "-Infinity";
 * nanoseconds are decimal strings. Times are milliseconds since the Unix epoch.
 */
export type LogRecord =
  | CreateRunRecord
  | UpdateRunRecord
  | ParamRecord
  | MetricRecord
  | TagRecord
  | InputRecord
  | ModelInputRecord
  | ModelOutputRecord
  | CreateModelRecord
  | FinalizeModelRecord
  | SpanRecord
  | TraceRecord;

/** Begins a run, under an id that the client made. */
export interface CreateRunRecord {
  readonly op: 'createRun';
  readonly runId: string;
  readonly experiment: ExperimentRef;
  readonly name: string;
  readonly userId: string;
  readonly startTime: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** Changes a run's state: ends it, or takes it up again (RUNNING, `endTime` null). */
export interface UpdateRunRecord {
  readonly op: 'updateRun';
  readonly runId: string;
  readonly status: RunStatus;
  readonly endTime: number | null;
}

/** Sets a param; the same value again is no error, another value is refused. */
export interface ParamRecord {
  readonly op: 'param';
  readonly runId: string;
  readonly key: string;
  readonly value: string;
}

/** Adds a point to a metric of a run, and of a logged model where one is named. */
export interface MetricRecord {
  readonly op: 'metric';
  readonly runId: string;
  readonly key: string;
  readonly value: number | 'NaN' | 'Infinity' | '-Infinity';
  readonly timestamp: number;
  readonly step: number;
  readonly modelId?: string;
  readonly datasetName?: string;
  readonly datasetDigest?: string;
}

/** Sets a tag of a run, or deletes it (`value` null). */
export interface TagRecord {
  readonly op: 'tag';
  readonly runId: string;
  readonly key: string;
  readonly value: string | null;
}

/** Links a dataset to a run. */
export interface InputRecord {
  readonly op: 'input';
  readonly runId: string;
  readonly dataset: Dataset;
  readonly tags: Readonly<Record<string, string>>;
}

/** Links a logged model that a run has read. */
export interface ModelInputRecord {
  readonly op: 'modelInput';
  readonly runId: string;
  readonly modelId: string;
}

/** Links a logged model that a run has written. */
export interface ModelOutputRecord {
  readonly op: 'modelOutput';
  readonly runId: string;
  readonly modelId: string;
  readonly step: number;
}

/** Begins a logged model (PENDING): in the experiment of its source run, or in one that is named. */
export interface CreateModelRecord {
  readonly op: 'createModel';
  readonly modelId: string;
  readonly runId: string | null;
  /** Only without a run. */
  readonly experiment?: ExperimentRef;
  readonly name: string;
  readonly modelType: string | null;
  readonly creationTime: number;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** Ends a logged model's upload; READY also links it as an output of its source run, with the run's latest metrics. */
export interface FinalizeModelRecord {
  readonly op: 'finalizeModel';
  readonly modelId: string;
  readonly status: LoggedModelStatus;
  readonly step: number;
  readonly time: number;
}

/** A span that ended. */
export interface SpanRecord {
  readonly op: 'span';
  readonly experiment: ExperimentRef;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: 'UNSET' | 'OK' | 'ERROR'; readonly message: string };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly {
    readonly name: string;
    readonly timeUnixNano: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
  readonly links?: readonly SpanLink[];
}

/** What is known of a trace when its root span ends. */
export interface TraceRecord {
  readonly op: 'trace';
  readonly experiment: ExperimentRef;
  readonly traceId: string;
  readonly requestTime: number;
  readonly executionDuration: number;
  readonly state: TraceState;
  readonly requestPreview: string | null;
  readonly responsePreview: string | null;
  readonly clientRequestId?: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** Takes records in the order in which they were logged; the writer, seen from below. */
export interface RecordSink {
  append(record: LogRecord): void;
  /** Takes two at the cost of one; the end of the process does not come between them. */
  appendBoth?(first: LogRecord, second: LogRecord): void;
}
