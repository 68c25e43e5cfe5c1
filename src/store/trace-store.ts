import type { Assessment } from '../entities/assessment.ts';
import type { Page } from '../entities/page.ts';
import type { Trace, TraceInfo } from '../entities/trace.ts';
import type { SearchTracesOptions } from './search-options.ts';

/** Which traces are deleted: those named, or the oldest up to a time. */
export type DeleteTracesOptions =
  | { readonly traceIds: readonly string[] }
  | {
      /** Milliseconds since the Unix epoch; included. */
      readonly maxTimestampMs: number;
      /** At most so many, the oldest first. @default all */
      readonly maxTraces?: number;
    };

/** A version of a prompt. */
export interface PromptVersionRef {
  readonly name: string;
  readonly version: string;
}

/** What an assessment begins with; the store gives the rest. */
export type NewAssessment = Omit<Assessment, 'assessmentId' | 'createTime' | 'lastUpdateTime' | 'isValid'> &
  Partial<Pick<Assessment, 'createTime' | 'lastUpdateTime'>>;

/** What of an assessment can be changed; metadata is merged. */
export type AssessmentChanges = Partial<Pick<Assessment, 'name' | 'value' | 'rationale' | 'metadata'>>;

/**
 * Reads traces, changes their tags and links, and keeps assessments; traces and spans arrive as records.
 *
 * Every method that names one trace rejects with RESOURCE_DOES_NOT_EXIST for an unknown one.
 */
export interface TraceStore {
  getTraceInfo(traceId: string): Promise<TraceInfo>;
  getTrace(traceId: string): Promise<Trace>;
  /** Those of the traces that are there, in the order asked for. */
  getTraces(traceIds: readonly string[]): Promise<readonly Trace[]>;
  searchTraces(options: SearchTracesOptions): Promise<Page<TraceInfo>>;
  /** Returns how many were deleted. */
  deleteTraces(experimentId: string, options: DeleteTracesOptions): Promise<number>;
  setTraceTag(traceId: string, key: string, value: string): Promise<void>;
  /** RESOURCE_DOES_NOT_EXIST for a tag that is not there. */
  deleteTraceTag(traceId: string, key: string): Promise<void>;
  /** Links at most 100 traces to a run; again, nothing. */
  linkTracesToRun(traceIds: readonly string[], runId: string): Promise<void>;
  linkPromptVersionsToTrace(traceId: string, prompts: readonly PromptVersionRef[]): Promise<void>;

  /** One that overrides another makes that invalid. */
  createAssessment(assessment: NewAssessment): Promise<Assessment>;
  getAssessment(traceId: string, assessmentId: string): Promise<Assessment>;
  updateAssessment(traceId: string, assessmentId: string, changes: AssessmentChanges): Promise<Assessment>;
  /** Makes what it overrode valid again; deleting a missing one changes nothing. */
  deleteAssessment(traceId: string, assessmentId: string): Promise<void>;
}
