import type { Assessment, AssessmentError, AssessmentKind, AssessmentSource } from '../../entities/assessment.ts';
import { allOf, type Operation, type Row, type SqlValue } from './operation.ts';
import { groupRows } from './rows.ts';
import { toAscii, toPythonJson } from './span-content.ts';

/** Columns that every database has for an assessment, in the order of `toValues`. */
export const ASSESSMENT_COLUMNS = [
  'assessment_id',
  'trace_id',
  'name',
  'assessment_type',
  'value',
  'error',
  'created_timestamp',
  'last_updated_timestamp',
  'source_type',
  'source_id',
  'span_id',
  'rationale',
  'overrides',
  'valid',
  'assessment_metadata',
] as const;

/** Reads the assessments of traces, by trace id, in the order in which they were made. */
export function* readAssessments(
  traceIds: readonly string[],
): Operation<ReadonlyMap<string, readonly Assessment[]>> {
  const rows = groupRows(yield* allOf(SELECT_OF_TRACES, traceIds), 'trace_id');
  return new Map(Array.from(rows, ([traceId, group]) => [traceId, group.map(toAssessment)]));
}

/** The values of an assessment's columns. */
export function toValues(assessment: Assessment): readonly SqlValue[] {
  return [
    assessment.assessmentId,
    assessment.traceId,
    assessment.name,
    assessment.kind,
    toValueText(assessment.kind, assessment.value),
    assessment.error && toErrorText(assessment.error),
    assessment.createTime,
    assessment.lastUpdateTime,
    assessment.source.sourceType,
    assessment.source.sourceId,
    assessment.spanId,
    assessment.rationale,
    assessment.overrides,
    assessment.isValid ? 1 : 0,
    toMetadataText(assessment.metadata),
  ];
}

/** A value as its column's text, in which MLflow's search finds what Python would have written; a link to an issue holds the issue's name. */
export function toValueText(kind: AssessmentKind, value: unknown): string {
  return toAscii(toPythonJson(kind === 'issue' ? { issue_name: value } : value));
}

/** Metadata as its column's text; null where there is none. */
export function toMetadataText(metadata: Assessment['metadata']): string | null {
  return Object.keys(metadata).length === 0 ? null : toAscii(toPythonJson(metadata));
}

/**
 * What newer databases keep of a value for their statistics: a number, and whether the value is one itself.
 *
 * Source: mlflow/store/tracking/utils/trace_analytics.py `assessment_aggregate`, read at 3.17.2.
 */
export function toAggregate(value: unknown): readonly [number | null, 0 | 1] {
  if (typeof value === 'boolean') return [value ? 1 : 0, 0];
  if (typeof value === 'number') return Number.isFinite(value) ? [value, 1] : [null, 0];
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return [word === 'yes' ? 1 : word === 'no' ? 0 : null, 0];
}

/** A row of assessments as an assessment. */
export function toAssessment(row: Row): Assessment {
  const error = parseObject(row.error);
  const kind = String(row.assessment_type) as AssessmentKind;
  return {
    assessmentId: String(row.assessment_id),
    traceId: String(row.trace_id),
    spanId: toText(row.span_id),
    kind,
    name: String(row.name),
    value: parseValue(kind, String(row.value)),
    error: error && {
      errorCode: String(error.error_code ?? ''),
      errorMessage: error.error_message ?? null,
      stackTrace: error.stack_trace ?? null,
    },
    source: {
      sourceType: String(row.source_type) as AssessmentSource['sourceType'],
      sourceId: String(row.source_id ?? ''),
    },
    rationale: toText(row.rationale),
    metadata: parseObject(row.assessment_metadata) ?? {},
    createTime: Number(row.created_timestamp),
    lastUpdateTime: Number(row.last_updated_timestamp),
    overrides: toText(row.overrides),
    isValid: Boolean(row.valid),
  };
}

/** Selects assessments, without a condition. */
export const SELECT_ASSESSMENTS = `SELECT ${ASSESSMENT_COLUMNS.join(', ')} FROM assessments`;

const SELECT_OF_TRACES = `${SELECT_ASSESSMENTS} WHERE trace_id IN (?) ORDER BY created_timestamp, assessment_id`;

function toText(value: Row[string] | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

function parseValue(kind: AssessmentKind, text: string): unknown {
  const value = parseJson(text);
  return kind === 'issue' ? ((value as { readonly issue_name?: string } | null)?.issue_name ?? null) : value;
}

/** One row that somebody has spoilt must not hide the others. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A SyntaxError: what was meant is in the text.
    return text;
  }
}

function parseObject(value: Row[string] | undefined): Readonly<Record<string, string>> | null {
  const data = typeof value === 'string' ? parseJson(value) : null;
  return typeof data === 'object' && !Array.isArray(data)
    ? (data as Readonly<Record<string, string>> | null)
    : null;
}

function toErrorText({ errorCode, errorMessage, stackTrace }: AssessmentError): string {
  return toPythonJson({ error_code: errorCode, error_message: errorMessage, stack_trace: stackTrace });
}
