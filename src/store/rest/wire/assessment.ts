import type { Assessment, AssessmentError, AssessmentSource } from '../../../entities/assessment.ts';
import type { AssessmentChanges, NewAssessment } from '../../trace-store.ts';
import { parseTime, toWireTime } from './times.ts';

/** An assessment in MLflow's REST API. */
export interface WireAssessment {
  readonly assessment_id?: string;
  readonly assessment_name?: string;
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly source?: { readonly source_type?: string; readonly source_id?: string };
  readonly create_time?: string;
  readonly last_update_time?: string;
  readonly feedback?: { readonly value?: unknown; readonly error?: WireAssessmentError };
  readonly expectation?: {
    readonly value?: unknown;
    readonly serialized_value?: { readonly serialization_format?: string; readonly value?: string };
  };
  readonly issue?: { readonly issue_name?: string };
  readonly rationale?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly overrides?: string;
  readonly valid?: boolean;
}

interface WireAssessmentError {
  readonly error_code?: string;
  readonly error_message?: string;
  readonly stack_trace?: string;
}

/** Reads an assessment. */
export function parseAssessment(wire: WireAssessment): Assessment {
  const { feedback, expectation, issue } = wire;
  const shared = {
    assessmentId: wire.assessment_id ?? '',
    traceId: wire.trace_id ?? '',
    spanId: wire.span_id || null,
    name: wire.assessment_name ?? '',
    source: {
      sourceType: (wire.source?.source_type ?? 'SOURCE_TYPE_UNSPECIFIED') as AssessmentSource['sourceType'],
      sourceId: wire.source?.source_id ?? '',
    },
    rationale: wire.rationale || null,
    metadata: { ...wire.metadata },
    createTime: parseTime(wire.create_time),
    lastUpdateTime: parseTime(wire.last_update_time),
    overrides: wire.overrides || null,
    isValid: wire.valid ?? true,
  };
  if (issue !== undefined) return { ...shared, kind: 'issue', value: issue.issue_name ?? null, error: null };
  if (expectation !== undefined) {
    const text = expectation.serialized_value?.value;
    const value = text === undefined ? (expectation.value ?? null) : JSON.parse(text);
    return { ...shared, kind: 'expectation', value, error: null };
  }
  return { ...shared, kind: 'feedback', value: feedback?.value ?? null, error: parseError(feedback?.error) };
}

/** Writes a new assessment; `nowMs` is its time where none is given. */
export function toWireAssessment(assessment: NewAssessment, nowMs: number): WireAssessment {
  const { spanId, source, rationale, metadata, overrides, createTime = nowMs } = assessment;
  return {
    assessment_name: assessment.name,
    trace_id: assessment.traceId,
    source: { source_type: source.sourceType, source_id: source.sourceId },
    create_time: toWireTime(createTime),
    last_update_time: toWireTime(assessment.lastUpdateTime ?? createTime),
    ...toWireValue(assessment),
    ...(spanId !== null && { span_id: spanId }),
    ...(rationale !== null && { rationale }),
    metadata,
    ...(overrides !== null && { overrides }),
    valid: true,
  };
}

/** Writes what changes in an assessment, and the list of what changes. */
export function toWireChanges(
  known: Assessment,
  changes: AssessmentChanges,
): { readonly assessment: WireAssessment; readonly update_mask: string } {
  const { name, value, rationale, metadata } = changes;
  const assessment: WireAssessment = {
    assessment_id: known.assessmentId,
    trace_id: known.traceId,
    ...(name !== undefined && { assessment_name: name }),
    ...(value !== undefined && toWireValue({ kind: known.kind, value, error: null })),
    ...(rationale !== undefined && { rationale: rationale ?? '' }),
    ...(metadata !== undefined && { metadata }),
  };
  const paths = [
    name !== undefined && 'assessmentName',
    value !== undefined && known.kind,
    rationale !== undefined && 'rationale',
    metadata !== undefined && 'metadata',
  ];
  // A field mask is one string in protobuf's JSON, with names in camel case.
  return { assessment, update_mask: paths.filter((path) => path !== false).join(',') };
}

function toWireValue({ kind, value, error }: Pick<Assessment, 'kind' | 'value' | 'error'>): WireAssessment {
  if (kind === 'issue') return { issue: { issue_name: String(value) } };
  if (kind === 'feedback') return { feedback: { value, ...(error !== null && { error: toWireError(error) }) } };
  const isStructured = typeof value === 'object' && value !== null;
  if (!isStructured) return { expectation: { value } };
  return {
    expectation: { serialized_value: { serialization_format: 'JSON_FORMAT', value: JSON.stringify(value) } },
  };
}

function toWireError({ errorCode, errorMessage, stackTrace }: AssessmentError): WireAssessmentError {
  return {
    error_code: errorCode,
    ...(errorMessage !== null && { error_message: errorMessage }),
    ...(stackTrace !== null && { stack_trace: stackTrace }),
  };
}

function parseError(error: WireAssessmentError | undefined): AssessmentError | null {
  if (error === undefined) return null;
  return {
    errorCode: error.error_code ?? '',
    errorMessage: error.error_message || null,
    stackTrace: error.stack_trace || null,
  };
}
