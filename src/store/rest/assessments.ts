import { nowMs } from '../../clock.ts';
import type { Assessment } from '../../entities/assessment.ts';
import { validateAssessment } from '../../entities/validation.ts';
import type { AssessmentChanges, NewAssessment } from '../trace-store.ts';
import type { RestApi } from './rest-api.ts';
import { parseAssessment, toWireAssessment, toWireChanges, type WireAssessment } from './wire/assessment.ts';

type Answer = { readonly assessment: WireAssessment };

/** Adds an assessment to a trace. */
export async function createAssessment(api: RestApi, assessment: NewAssessment): Promise<Assessment> {
  validateAssessment(assessment);
  const body = { assessment: toWireAssessment(assessment, nowMs()) };
  const answer = await api.post<Answer>(toPath(assessment.traceId), body, { isIdempotent: false });
  return parseAssessment(answer.assessment);
}

/** Reads an assessment. */
export async function getAssessment(api: RestApi, traceId: string, assessmentId: string): Promise<Assessment> {
  return parseAssessment((await api.get<Answer>(toPath(traceId, assessmentId))).assessment);
}

/** Changes an assessment. */
export async function updateAssessment(
  api: RestApi,
  traceId: string,
  assessmentId: string,
  changes: AssessmentChanges,
): Promise<Assessment> {
  const known = await getAssessment(api, traceId, assessmentId);
  const answer = await api.patch<Answer>(toPath(traceId, assessmentId), toWireChanges(known, changes));
  return parseAssessment(answer.assessment);
}

/** Deletes an assessment. */
export async function deleteAssessment(api: RestApi, traceId: string, assessmentId: string): Promise<void> {
  await api.delete(toPath(traceId, assessmentId), {});
}

function toPath(traceId: string, assessmentId?: string): string {
  const path = `/api/3.0/mlflow/traces/${encodeURIComponent(traceId)}/assessments`;
  return assessmentId === undefined ? path : `${path}/${encodeURIComponent(assessmentId)}`;
}
