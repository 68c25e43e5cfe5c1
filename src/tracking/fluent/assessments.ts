import type { Assessment, AssessmentError, AssessmentSource } from '../../entities/assessment.ts';
import { errorMessage, invalidParameter } from '../../errors.ts';
import { toJsonData } from '../../json.ts';
import type { AssessmentChanges } from '../../store/trace-store.ts';
import type { TrackingStore } from '../../store/tracking-store.ts';
import { writerFor } from '../delivery/writers.ts';
import { currentStore } from '../settings.ts';

/** What all assessments have. */
export interface AssessmentOptions {
  readonly traceId: string;
  /** @default the whole trace */
  readonly spanId?: string;
  /** Who or what made it. @default a program, for feedback; a person, for expectations */
  readonly source?: AssessmentSource;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A judgement of what was done. */
export interface FeedbackOptions extends AssessmentOptions {
  /** @default 'feedback' */
  readonly name?: string;
  /** A number, text, boolean, or a list or object of them; one of value and error is needed. */
  readonly value?: unknown;
  /** Why there is no value: anything thrown, or an {@link AssessmentError}. */
  readonly error?: unknown;
  /** Why the value is what it is. */
  readonly rationale?: string;
}

/** What should have been done. */
export interface ExpectationOptions extends AssessmentOptions {
  readonly name: string;
  readonly value: unknown;
}

/** What takes the place of a feedback. */
export interface OverrideFeedbackOptions extends Omit<FeedbackOptions, 'name' | 'error' | 'spanId'> {
  readonly assessmentId: string;
  readonly value: unknown;
}

const FROM_CODE: AssessmentSource = { sourceType: 'CODE', sourceId: 'default' };
const FROM_PERSON: AssessmentSource = { sourceType: 'HUMAN', sourceId: 'default' };

/**
 * Records a judgement of a trace or of one of its spans.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE without a value and an error, RESOURCE_DOES_NOT_EXIST for an unknown
 * trace.
 *
 * @example
 * await logFeedback({ traceId, name: 'helpful', value: true, source: { sourceType: 'HUMAN', sourceId: 'ann' } });
 */
export async function logFeedback(options: FeedbackOptions): Promise<Assessment> {
  const { name = 'feedback', source = FROM_CODE, value, error, rationale } = options;
  if (value === undefined && error === undefined) {
    throw invalidParameter(`Cannot log the feedback '${name}': it has neither a value nor an error; pass one.`);
  }
  return create(options, {
    kind: 'feedback',
    name,
    source,
    value: value === undefined ? null : toJsonData(value),
    error: error === undefined ? null : toAssessmentError(error),
    rationale: rationale ?? null,
    overrides: null,
  });
}

/**
 * Records what a trace, or one of its spans, should have come to.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE without a value, RESOURCE_DOES_NOT_EXIST for an unknown trace.
 */
export async function logExpectation(options: ExpectationOptions): Promise<Assessment> {
  const { name, source = FROM_PERSON, value } = options;
  if (value === undefined || value === null) {
    throw invalidParameter(`Cannot log the expectation '${name}': it has no value.`);
  }
  const content = { value: toJsonData(value), error: null, rationale: null, overrides: null };
  return create(options, { kind: 'expectation', name, source, ...content });
}

/** A judgement, or what should have been: in one form. */
export type AssessmentToLog =
  | ({ readonly kind: 'feedback' } & Omit<FeedbackOptions, 'traceId'>)
  | ({ readonly kind: 'expectation' } & Omit<ExpectationOptions, 'traceId'>);

/**
 * Records an assessment of either kind, as `logFeedback` and `logExpectation` do.
 *
 * @throws {AutologError} as those do.
 */
export async function logAssessment(traceId: string, assessment: AssessmentToLog): Promise<Assessment> {
  if (assessment.kind === 'feedback') return logFeedback({ traceId, ...assessment });
  if (assessment.kind === 'expectation') return logExpectation({ traceId, ...assessment });
  const { kind } = assessment as { readonly kind: unknown };
  throw invalidParameter(`Cannot log an assessment of kind ${String(kind)}: it must be feedback or expectation.`);
}

/**
 * Puts a feedback in the place of another, which stays stored as no longer valid.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for an assessment that is no feedback, RESOURCE_DOES_NOT_EXIST for an
 * unknown one.
 */
export async function overrideFeedback(options: OverrideFeedbackOptions): Promise<Assessment> {
  const { traceId, assessmentId, source = FROM_CODE, value, rationale } = options;
  const { kind, name, spanId } = await getAssessment(traceId, assessmentId);
  if (kind !== 'feedback') {
    throw invalidParameter(
      `Cannot override the assessment '${assessmentId}': it is no feedback, but of kind ${kind}.`,
    );
  }
  const content = { value: toJsonData(value), error: null, rationale: rationale ?? null };
  return create(
    { ...options, ...(spanId === null ? {} : { spanId }) },
    { kind, name, source, ...content, overrides: assessmentId },
  );
}

/** @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown trace or assessment. */
export async function getAssessment(traceId: string, assessmentId: string): Promise<Assessment> {
  return (await upToDate()).getAssessment(traceId, assessmentId);
}

/**
 * Changes an assessment in its place; metadata is merged.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown trace or assessment.
 */
export async function updateAssessment(
  traceId: string,
  assessmentId: string,
  changes: AssessmentChanges,
): Promise<Assessment> {
  const { value, metadata, ...rest } = changes;
  return (await upToDate()).updateAssessment(traceId, assessmentId, {
    ...rest,
    ...(value === undefined ? {} : { value: toJsonData(value) }),
    ...(metadata === undefined ? {} : { metadata: toTexts(metadata) }),
  });
}

/** Deletes an assessment, and makes valid again what it has overridden; a missing one changes nothing. */
export async function deleteAssessment(traceId: string, assessmentId: string): Promise<void> {
  await (await upToDate()).deleteAssessment(traceId, assessmentId);
}

type Content = Pick<Assessment, 'kind' | 'name' | 'source' | 'value' | 'error' | 'rationale' | 'overrides'>;

async function create({ traceId, spanId, metadata }: AssessmentOptions, content: Content): Promise<Assessment> {
  const store = await upToDate();
  return store.createAssessment({
    traceId,
    spanId: spanId ?? null,
    metadata: toTexts(metadata ?? {}),
    ...content,
  });
}

async function upToDate(): Promise<TrackingStore> {
  const store = currentStore();
  await writerFor(store).flush();
  return store;
}

function toAssessmentError(error: unknown): AssessmentError {
  const { errorCode, errorMessage: message, stackTrace } = (error ?? {}) as Partial<AssessmentError>;
  if (typeof errorCode === 'string') {
    return { errorCode, errorMessage: message ?? null, stackTrace: stackTrace ?? null };
  }
  const isError = error instanceof Error;
  return {
    errorCode: isError ? error.name : typeof error,
    errorMessage: errorMessage(error),
    stackTrace: isError ? (error.stack ?? null) : null,
  };
}

function toTexts(values: Readonly<Record<string, unknown>>): Record<string, string> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(toJsonData(value))]),
  );
}
