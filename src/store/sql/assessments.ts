import { nowMs } from '../../clock.ts';
import type { Assessment } from '../../entities/assessment.ts';
import { validateAssessment, validateAssessmentName, validateAssessmentValue } from '../../entities/validation.ts';
import { AutologError } from '../../errors.ts';
import { randomUuidHex } from '../../random-id.ts';
import type { AssessmentChanges, NewAssessment } from '../trace-store.ts';
import {
  ASSESSMENT_COLUMNS,
  SELECT_ASSESSMENTS,
  toAggregate,
  toAssessment,
  toMetadataText,
  toValues,
  toValueText,
} from './assessment-rows.ts';
import { all, allOf, first, type Operation } from './operation.ts';
import type { SchemaShape } from './schema/verify.ts';
import { requireTrace } from './trace-rows.ts';

/**
 * Adds an assessment to a trace; what it overrides is no longer valid.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown trace or overridden assessment.
 */
export function* createAssessment(assessment: NewAssessment, shape: SchemaShape): Operation<Assessment> {
  validateAssessment(assessment);
  const { traceId, overrides } = assessment;
  const trace = yield* requireTrace(traceId);
  if (overrides !== null) yield* getAssessment(traceId, overrides);
  const now = nowMs();
  const created: Assessment = {
    ...assessment,
    assessmentId: `a-${randomUuidHex()}`,
    createTime: assessment.createTime ?? now,
    lastUpdateTime: assessment.lastUpdateTime ?? now,
    isValid: true,
  };
  if (overrides !== null) yield* all(SET_VALID, 0, overrides);
  yield* shape.assessmentColumns
    ? all(
        INSERT_WITH_COLUMNS,
        ...toValues(created),
        Number(trace.experiment_id),
        Number(trace.timestamp_ms),
        ...toAggregate(created.value),
      )
    : all(INSERT, ...toValues(created));
  return yield* getAssessment(traceId, created.assessmentId);
}

/**
 * Reads an assessment.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST.
 */
export function* getAssessment(traceId: string, assessmentId: string): Operation<Assessment> {
  const row = yield* first(SELECT_ONE, traceId, assessmentId);
  if (row) return toAssessment(row);
  yield* requireTrace(traceId);
  throw new AutologError(
    'RESOURCE_DOES_NOT_EXIST',
    `Assessment with ID '${assessmentId}' not found for trace '${traceId}'; see the assessments of the trace.`,
  );
}

/** Changes an assessment; metadata is merged, a new value takes the place of an error. */
export function* updateAssessment(
  traceId: string,
  assessmentId: string,
  changes: AssessmentChanges,
  shape: SchemaShape,
): Operation<Assessment> {
  if (changes.name !== undefined) validateAssessmentName(changes.name);
  if (changes.value !== undefined) validateAssessmentValue(changes.name ?? assessmentId, changes.value);
  const known = yield* getAssessment(traceId, assessmentId);
  const metadata = toMetadataText({ ...known.metadata, ...changes.metadata });
  const { name = known.name, value, rationale = known.rationale } = changes;
  yield* all(UPDATE, name, rationale, metadata, nowMs(), assessmentId);
  if (value !== undefined) {
    yield* all(SET_VALUE, toValueText(known.kind, value), assessmentId);
    if (shape.assessmentColumns) yield* all(SET_AGGREGATE, ...toAggregate(value), assessmentId);
  }
  return yield* getAssessment(traceId, assessmentId);
}

/** Deletes an assessment and makes what it overrode valid again; a missing one changes nothing. */
export function* deleteAssessment(traceId: string, assessmentId: string): Operation<void> {
  const row = yield* first(SELECT_ONE, traceId, assessmentId);
  if (!row) return;
  if (row.overrides !== null) yield* all(SET_VALID, 1, String(row.overrides));
  yield* all('DELETE FROM assessments WHERE assessment_id = ?', assessmentId);
}

/** Deletes what runs have assessed: their metadata names the run. */
export function* deleteAssessmentsOfRuns(runIds: ReadonlySet<string>): Operation<void> {
  const rows = yield* all(SELECT_OF_RUNS, `%"${SOURCE_RUN}"%`);
  const ids = rows.filter((row) => runIds.has(sourceRunOf(String(row.assessment_metadata))));
  yield* allOf(
    'DELETE FROM assessments WHERE assessment_id IN (?)',
    ids.map((row) => String(row.assessment_id)),
  );
}

const SOURCE_RUN = 'mlflow.assessment.sourceRunId';
const PLACES = ASSESSMENT_COLUMNS.map(() => '?').join(', ');
const INSERT = `INSERT INTO assessments (${ASSESSMENT_COLUMNS.join(', ')}) VALUES (${PLACES})`;
const INSERT_WITH_COLUMNS = `INSERT INTO assessments (${ASSESSMENT_COLUMNS.join(', ')}, experiment_id, trace_timestamp_ms,
 aggregate_value, is_numeric_value) VALUES (${PLACES}, ?, ?, ?, ?)`;
const SELECT_ONE = `${SELECT_ASSESSMENTS} WHERE trace_id = ? AND assessment_id = ?`;
const SET_VALID = 'UPDATE assessments SET valid = ? WHERE assessment_id = ?';
const UPDATE = `UPDATE assessments SET name = ?, rationale = ?, assessment_metadata = ?, last_updated_timestamp = ?
 WHERE assessment_id = ?`;
const SET_VALUE = 'UPDATE assessments SET value = ?, error = NULL WHERE assessment_id = ?';
const SET_AGGREGATE = 'UPDATE assessments SET aggregate_value = ?, is_numeric_value = ? WHERE assessment_id = ?';
const SELECT_OF_RUNS =
  'SELECT assessment_id, assessment_metadata FROM assessments WHERE assessment_metadata LIKE ?';

function sourceRunOf(metadata: string): string {
  return String((JSON.parse(metadata) as Readonly<Record<string, unknown>>)[SOURCE_RUN]);
}
