import { randomUuidHex } from '../../random-id.ts';
import type { ModelInputRecord, ModelOutputRecord } from '../log-record.ts';
import type { Delivery } from './delivery.ts';
import { all, type Operation } from './operation.ts';
import { insertNew } from './statement.ts';

/** Links a logged model that a run has read; again, nothing. */
export function* logModelInput({ runId, modelId }: ModelInputRecord, delivery: Delivery): Operation<void> {
  yield* delivery.activeRun(runId);
  yield* all(INSERT_LINK, randomUuidHex(), 'RUN_INPUT', runId, 'MODEL_INPUT', modelId, 0);
}

/** Links a logged model that a run has written; again, nothing. */
export function* logModelOutput({ runId, modelId, step }: ModelOutputRecord, delivery: Delivery): Operation<void> {
  yield* delivery.activeRun(runId);
  yield* linkModelOutput(runId, modelId, step);
}

/** Makes a logged model an output of a run. */
export function* linkModelOutput(runId: string, modelId: string, step: number): Operation<void> {
  yield* all(INSERT_LINK, randomUuidHex(), 'RUN_OUTPUT', runId, 'MODEL_OUTPUT', modelId, step);
}

const INSERT_LINK = insertNew(
  'inputs',
  ['input_uuid', 'source_type', 'source_id', 'destination_type', 'destination_id', 'step'],
  ['source_type', 'source_id', 'destination_type', 'destination_id'],
);
