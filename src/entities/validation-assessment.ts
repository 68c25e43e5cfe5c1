import { invalidParameter } from '../errors.ts';
import type { Assessment } from './assessment.ts';
import { checkLength, showValue } from './validation-text.ts';

const MAX_NAME = 250;
const MAX_SOURCE_ID = 250;
const KINDS: readonly string[] = ['feedback', 'expectation', 'issue'];
const SOURCE_TYPES: readonly string[] = ['HUMAN', 'LLM_JUDGE', 'CODE', 'SOURCE_TYPE_UNSPECIFIED'];
const SPAN_ID = /^[0-9a-f]{16}$/i;

type Checked = Pick<
  Assessment,
  'name' | 'kind' | 'value' | 'error' | 'source' | 'rationale' | 'metadata' | 'spanId'
>;

/**
 * Checks an assessment: its name, its source, a value that JSON can say, and that there is a value, or, for feedback, an
 * error.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE. Source: mlflow/entities/assessment.py, read at 3.17.2.
 */
export function validateAssessment(assessment: Checked): void {
  const { name, kind, value, error, source, rationale, metadata, spanId } = assessment;
  validateAssessmentName(name);
  const attempt = `Cannot log the assessment '${name}'`;
  const refuse = (reason: string): never => {
    throw invalidParameter(`${attempt}: ${reason}.`);
  };
  if (!KINDS.includes(kind)) refuse(`its kind ${showValue(kind)} is unknown; choose one of ${KINDS.join(', ')}`);
  if (!SOURCE_TYPES.includes(source?.sourceType)) {
    refuse(
      `its source type ${showValue(source?.sourceType)} is unknown; choose one of ${SOURCE_TYPES.join(', ')}`,
    );
  }
  checkLength(`${attempt}: the id of its source`, source.sourceId, MAX_SOURCE_ID);
  if (error !== null && kind !== 'feedback') refuse(`${kind} cannot have an error; only feedback can`);
  if (kind === 'expectation' && (value === null || value === undefined)) refuse('it has no value; give one');
  if (kind === 'feedback' && (value === null || value === undefined) && error === null) {
    refuse('it has neither a value nor an error; give one of them');
  }
  validateAssessmentValue(name, value);
  if (rationale !== null && typeof rationale !== 'string') refuse('its rationale is no string; pass a string');
  if (spanId !== null && !SPAN_ID.test(spanId))
    refuse(`${showValue(spanId)} is no id of a span; pass 16 hexadecimal digits`);
  const odd = Object.entries(metadata).find(([, it]) => typeof it !== 'string');
  if (odd !== undefined) refuse(`its metadata '${odd[0]}' is no string; pass strings`);
}

/**
 * Checks the name of an assessment: 1 to 250 characters.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateAssessmentName(name: string): void {
  if (typeof name !== 'string' || name === '') {
    throw invalidParameter(`Cannot log an assessment: its name ${showValue(name)} is none; give a string.`);
  }
  checkLength('Cannot log an assessment: its name', name, MAX_NAME);
}

/**
 * Checks that JSON can say the value of an assessment.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateAssessmentValue(name: string, value: unknown): void {
  if (isJson(value)) return;
  throw invalidParameter(`Cannot log the assessment '${name}': its value is no JSON; pass plain data.`);
}

function isJson(value: unknown): boolean {
  try {
    return value === undefined || JSON.stringify(value) !== undefined;
  } catch {
    // Cycles, bigints and throwing `toJSON` methods have no JSON.
    return false;
  }
}
