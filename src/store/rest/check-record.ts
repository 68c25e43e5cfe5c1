import { validateLoggedModelName, validateMetricPoint } from '../../entities/validation.ts';
import { invalidParameter } from '../../errors.ts';
import type { LogRecord, SpanRecord } from '../log-record.ts';

/**
 * Checks what MLflow's server lets pass, or answers with another error than MLflow's own store.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function checkRecord(record: LogRecord): void {
  if (record.op === 'metric') validateMetricPoint({ ...record, value: toNumber(record.value) });
  else if (record.op === 'createModel') validateLoggedModelName(record.name);
  else if (record.op === 'updateRun') checkStatus(record.status);
  else if (record.op === 'span') checkSpan(record);
  else if (record.op === 'trace') checkTraceId(record.traceId);
}

const STATUSES: ReadonlySet<string> = new Set(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']);
const NUMBERS: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity']);

function toNumber(value: unknown): number {
  return NUMBERS.has(value) ? Number(value) : (value as number);
}

function checkStatus(status: string): void {
  if (STATUSES.has(status)) return;
  throw invalidParameter(`Cannot set a run to ${status}: take one of ${[...STATUSES].join(', ')}.`);
}

function checkSpan({ name, traceId, spanId, parentSpanId }: SpanRecord): void {
  checkTraceId(traceId);
  if (/^[0-9a-f]{16}$/.test(spanId) && (parentSpanId === null || /^[0-9a-f]{16}$/.test(parentSpanId))) return;
  throw invalidParameter(`Cannot store the span '${name}' of the trace '${traceId}': an id is not hexadecimal.`);
}

function checkTraceId(traceId: string): void {
  if (/^tr-[0-9a-f]{32}$/.test(traceId)) return;
  throw invalidParameter(`Cannot store the trace '${traceId}': its id is not 'tr-' and 32 hexadecimal digits.`);
}
