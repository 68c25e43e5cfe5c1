import { type AutologError, invalidParameter } from '../../errors.ts';
import type { RejectedRecord } from '../delivery.ts';
import type { FinalizeModelRecord, LogRecord, SpanRecord, TraceRecord } from '../log-record.ts';
import { checkRecord } from './check-record.ts';
import type { DeliveryContext } from './delivery-context.ts';
import { finalizeModel } from './model-records.ts';
import { deliverLane, type RunRecord } from './run-lane.ts';
import type { SpanPlace } from './span-place.ts';
import { deliverTraces, settleAll } from './trace-records.ts';

/** Consecutive records that may be delivered side by side, but for the order within each run. */
interface Segment {
  readonly lanes: Map<string, RunRecord[]>;
  readonly traces: (TraceRecord | SpanRecord)[];
}

/**
 * Delivers records in the order that counts: those of one run after the other, those of several runs side by side; a
 * run or model that another one names begins before it; the end of a model waits for all before it, and all after it.
 *
 * Rejects when the server cannot be reached or does not work; what was delivered until then may be delivered again.
 */
export async function deliverChunk(
  records: readonly LogRecord[],
  place: SpanPlace,
  context: DeliveryContext,
): Promise<readonly RejectedRecord[]> {
  let segment = createSegment();
  for (const record of records) {
    if (isWrong(record, context)) continue;
    if (record.op !== 'finalizeModel') {
      addTo(segment, record, context);
      continue;
    }
    await deliverSegment(segment, place, context);
    segment = createSegment();
    await endModel(record, context);
  }
  await deliverSegment(segment, place, context);
  const order = new Map(records.map((record, index) => [record, index]));
  return context.rejected.toSorted((a, b) => (order.get(a.record) ?? 0) - (order.get(b.record) ?? 0));
}

/** Whether a record does something that must not be done twice, so that a second delivery looks for it first. */
export function happensOnce(record: LogRecord): boolean {
  if (record.op === 'tag') return record.value === null;
  return record.op === 'createRun' || record.op === 'createModel';
}

function endModel(record: FinalizeModelRecord, context: DeliveryContext): Promise<void> {
  return context.attempt(record, () => finalizeModel(record, context), { isFeature: true });
}

function isWrong(record: LogRecord, context: DeliveryContext): boolean {
  try {
    checkRecord(record);
    return false;
  } catch (error) {
    context.reject([record], error as AutologError);
    return true;
  }
}

function createSegment(): Segment {
  return { lanes: new Map(), traces: [] };
}

function addTo(segment: Segment, record: Exclude<LogRecord, FinalizeModelRecord>, context: DeliveryContext): void {
  switch (record.op) {
    case 'span':
    case 'trace':
      segment.traces.push(record);
      return;
    case 'createRun':
      context.announce(record.runId);
      break;
    case 'createModel':
      context.announce(record.modelId);
      break;
    case 'updateRun':
    case 'param':
    case 'metric':
    case 'tag':
    case 'input':
    case 'modelInput':
    case 'modelOutput':
      break;
    default:
      context.reject([record], unknownKind((record as { op?: unknown }).op));
      return;
  }
  // One run may be named by the client's id and by the server's.
  const key = context.ids.toServer(record.runId ?? (record.op === 'createModel' ? record.modelId : ''));
  const lane = segment.lanes.get(key);
  if (lane === undefined) segment.lanes.set(key, [record]);
  else lane.push(record);
}

async function deliverSegment(segment: Segment, place: SpanPlace, context: DeliveryContext): Promise<void> {
  const jobs = [...segment.lanes.values()].map((lane) => deliverLane(lane, context));
  if (segment.traces.length > 0) jobs.push(deliverTraces(segment.traces, place, context));
  // Those that wait for one that has failed must not wait for ever.
  for (const job of jobs) job.catch(() => context.abort());
  await settleAll(jobs);
}

function unknownKind(op: unknown) {
  return invalidParameter(
    `Cannot store a record of the kind '${op}': this version does not know it; upgrade autolog.`,
  );
}
