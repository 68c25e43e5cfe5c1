import type {
  CreateModelRecord,
  CreateRunRecord,
  InputRecord,
  ModelInputRecord,
  ModelOutputRecord,
  TagRecord,
  UpdateRunRecord,
} from '../log-record.ts';
import { beginRun } from './begin-run.ts';
import type { DeliveryContext } from './delivery-context.ts';
import { beginModel } from './model-records.ts';
import { isRefusal } from './rest-api.ts';
import { type BatchRecord, logBatch, RunBatch } from './run-batch.ts';
import { linkModelInput, linkModelOutput } from './run-models.ts';
import { deleteRunTag } from './runs.ts';
import { toWireDatasetInput } from './wire/dataset.ts';

/** What is logged to a run, or begins in it. */
export type RunRecord =
  | BatchRecord
  | CreateRunRecord
  | UpdateRunRecord
  | InputRecord
  | ModelInputRecord
  | ModelOutputRecord
  | CreateModelRecord;

/** Delivers the records of one run, or of models without a run, in their order. */
export async function deliverLane(records: readonly RunRecord[], context: DeliveryContext): Promise<void> {
  let batch = new RunBatch();
  const flush = async () => {
    const { records: pending } = batch;
    batch = new RunBatch();
    const runId = pending[0]?.runId;
    if (runId === undefined) return;
    await context.attemptAll(pending, async (some) => logBatch(await context.toServer(runId), some, context));
  };
  for (const record of records) {
    if (isOfBatch(record)) {
      if (batch.add(record)) continue;
      await flush();
      batch.add(record);
      continue;
    }
    await flush();
    await deliverOne(record, context);
  }
  await flush();
}

function isOfBatch(record: RunRecord): record is BatchRecord {
  if (record.op === 'tag') return record.value !== null;
  return record.op === 'metric' || record.op === 'param';
}

async function deliverOne(record: Exclude<RunRecord, BatchRecord> | TagRecord, context: DeliveryContext) {
  switch (record.op) {
    case 'createRun':
      await context.attempt(record, () => beginRun(record, context));
      context.endBegin(record.runId);
      return;
    case 'createModel':
      await context.attempt(record, () => beginModel(record, context), { isFeature: true });
      context.endBegin(record.modelId);
      return;
    case 'updateRun':
      return context.attempt(record, () => updateRun(record, context));
    case 'tag':
      return context.attempt(record, () => deleteTag(record, context));
    case 'input':
      return context.attempt(record, () => logInput(record, context), { isFeature: true });
    case 'modelInput':
      return context.attempt(record, () => linkModelInput(record, context), { isFeature: true });
    case 'modelOutput':
      return context.attempt(record, () => linkModelOutput(record, context), { isFeature: true });
  }
}

async function updateRun({ runId, status, endTime }: UpdateRunRecord, context: DeliveryContext): Promise<void> {
  const id = await context.toServer(runId);
  const body = { run_id: id, run_uuid: id, status, ...(endTime !== null && { end_time: endTime }) };
  await context.send(() => context.api.post('/api/2.0/mlflow/runs/update', body, context.call));
}

async function deleteTag({ runId, key }: TagRecord, context: DeliveryContext): Promise<void> {
  const id = await context.toServer(runId);
  try {
    await context.send(() => deleteRunTag(context.api, id, key, context.call));
  } catch (error) {
    const isGone = isRefusal(error, 'RESOURCE_DOES_NOT_EXIST') && /No tag/i.test(error.message);
    // An earlier delivery has deleted it.
    if (!isGone || !context.isAgain) throw error;
  }
}

async function logInput({ runId, dataset, tags }: InputRecord, context: DeliveryContext): Promise<void> {
  const body = { run_id: await context.toServer(runId), datasets: [toWireDatasetInput({ dataset, tags })] };
  await context.send(() => context.api.post('/api/2.0/mlflow/runs/log-inputs', body, context.call));
}
