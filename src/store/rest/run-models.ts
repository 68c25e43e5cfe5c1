import type { ModelInputRecord, ModelOutputRecord } from '../log-record.ts';
import type { DeliveryContext } from './delivery-context.ts';
import { getRun } from './runs.ts';

const PATH = '/api/2.0/mlflow/runs';

/** Links a model as an input of a run; a link that is there stays alone, which the server itself does not see to. */
export async function linkModelInput(record: ModelInputRecord, context: DeliveryContext): Promise<void> {
  const { api, call } = context;
  const [runId, modelId] = [await context.toServer(record.runId), await context.toServer(record.modelId)];
  const { modelInputs } = await context.send(() => getRun(api, runId, call));
  if (modelInputs.some((it) => it.modelId === modelId)) return;
  const body = { run_id: runId, models: [{ model_id: modelId }] };
  await context.send(() => api.post(`${PATH}/log-inputs`, body, { ...call, isIdempotent: false }));
}

/** Links a model as an output of a run; a link that is there stays alone, which the server itself does not see to. */
export async function linkModelOutput(
  record: Pick<ModelOutputRecord, 'runId' | 'modelId' | 'step'>,
  context: DeliveryContext,
): Promise<void> {
  const { api, call } = context;
  const [runId, modelId] = [await context.toServer(record.runId), await context.toServer(record.modelId)];
  const { modelOutputs } = await context.send(() => getRun(api, runId, call));
  if (modelOutputs.some((it) => it.modelId === modelId)) return;
  const body = { run_id: runId, models: [{ model_id: modelId, step: record.step }] };
  await context.send(() => api.post(`${PATH}/outputs`, body, { ...call, isIdempotent: false }));
}
