import { expect } from 'vitest';
import type { NewAssessment } from '../../src/store/trace-store.ts';
import type { TrackingStore } from '../../src/store/tracking-store.ts';
import {
  dataset,
  metricRecord,
  newTraceId,
  runRecord,
  Subject,
  spanRecord,
  traceRecord,
} from '../contract/subject.ts';

const TIME = 1_700_000_000_000;
const HUMAN = { sourceType: 'HUMAN', sourceId: 'ada' } as const;

/** Fills a store with entities of every kind and in every state; returns the ids of its deleted models. */
export async function fillStore(store: TrackingStore, rank: number): Promise<readonly string[]> {
  const subject = new Subject(store);
  const first = await store.createExperiment(`größe ${rank}`, { tags: { a: '1', b: '2' } });
  await store.renameExperiment(first, `renamed ${rank} 📈`);
  await store.setExperimentTag(first, 'a', '3');
  await store.deleteExperimentTag(first, 'b');
  const gone = await store.createExperiment(`gone ${rank}`, { artifactLocation: 's3://bucket/gone' });
  await subject.run({ experiment: { id: gone } });
  await store.deleteExperiment(gone);
  const { runId, deletedModelId } = await fillRuns(subject, first);
  const deletedRun = await subject.run({ experiment: { id: first }, name: 'deleted' });
  const traceId = await fillTraces(subject, first, runId);
  await fillAssessments(store, traceId, deletedRun);
  await store.deleteRun(deletedRun);
  return [deletedModelId];
}

async function fillRuns(subject: Subject, experimentId: string) {
  const { store } = subject;
  const run = runRecord({ experiment: { id: experimentId }, tags: { 'mlflow.user': 'ada', note: 'ü 🦉' } });
  const { runId } = run;
  expect(await subject.deliver(run, { op: 'param', runId, key: 'lr', value: '0.1' })).toEqual([]);
  const written = await subject.model({ runId });
  const read = await subject.model({ experiment: { id: experimentId }, name: 'second' });
  const deletedModelId = await subject.model({ experiment: { id: experimentId }, name: 'third' });
  const values = [1.5, 'NaN', 'Infinity', '-Infinity', 0.1 + 0.2] as const;
  const refused = await subject.deliver(
    ...values.map((value, step) => metricRecord(runId, { value, step, timestamp: TIME + step })),
    metricRecord(runId, { key: 'acc', modelId: written, datasetName: 'flowers', datasetDigest: 'd1', step: 1 }),
    metricRecord(runId, { key: 'acc', modelId: written, value: 0.25, step: 2 }),
    { op: 'param', runId, key: 'größe', value: 'x'.repeat(6000) },
    { op: 'tag', runId, key: 't', value: '1' },
    { op: 'tag', runId, key: 'u', value: '2' },
    { op: 'tag', runId, key: 'u', value: null },
    { op: 'tag', runId, key: 'mlflow.runName', value: 'renamed' },
    { op: 'input', runId, dataset: dataset(), tags: { 'mlflow.data.context': 'train' } },
    { op: 'input', runId, dataset: dataset({ digest: 'd2', schema: null, profile: null }), tags: {} },
    { op: 'modelInput', runId, modelId: read },
    { op: 'modelOutput', runId, modelId: read, step: 9 },
    { op: 'finalizeModel', modelId: written, status: 'READY', step: 4, time: TIME + 9 },
    { op: 'finalizeModel', modelId: read, status: 'UPLOAD_FAILED', step: 0, time: TIME + 9 },
    { op: 'updateRun', runId, status: 'FINISHED', endTime: TIME + 5000 },
  );
  expect(refused).toEqual([]);
  await store.setLoggedModelTags(written, { team: 'red', other: 'x' });
  await store.deleteLoggedModelTag(written, 'other');
  await store.logLoggedModelParams(written, { late: 'größe' });
  await store.deleteLoggedModel(deletedModelId);
  return { runId, deletedModelId };
}

async function fillTraces(subject: Subject, experimentId: string, runId: string): Promise<string> {
  const { store } = subject;
  const shared = { experiment: { id: experimentId }, traceId: newTraceId() };
  const root = spanRecord({
    ...shared,
    events: [
      { name: 'first token', timeUnixNano: '1700000000123456791', attributes: { index: 0, word: 'größe' } },
    ],
    attributes: {
      ...spanRecord().attributes,
      'mlflow.llm.model': 'flower-1',
      'mlflow.llm.cost': { input_cost: 0.5, output_cost: 0.25, total_cost: 0.75 },
    },
  });
  const child = spanRecord({
    ...shared,
    parentSpanId: root.spanId,
    startTimeUnixNano: '1700000000500000001',
    endTimeUnixNano: '1700000000600000003',
    status: { code: 'ERROR', message: 'no luck' },
    attributes: { 'mlflow.spanType': 'TOOL', nested: { list: [1, 2.5, null, true, '"x"'] } },
    links: [
      { traceId: newTraceId(), spanId: 'ab'.repeat(8), attributes: { why: 'retry' } },
      { traceId: newTraceId(), spanId: 'cd'.repeat(8), attributes: {} },
    ],
  });
  const trace = traceRecord({
    ...shared,
    clientRequestId: 'request-1',
    metadata: {
      'mlflow.trace.session': 's-1',
      'mlflow.trace.tokenUsage': '{"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}',
      'mlflow.trace.cost': '{"input_cost": 0.5, "output_cost": 0.25, "total_cost": 0.75}',
      note: 'x'.repeat(200),
    },
    tags: {
      'mlflow.traceName': 'talk',
      old: '1',
      'mlflow.linkedPrompts': '[{"name": "first", "version": "3"}]',
    },
  });
  expect(await subject.deliver(root, child, trace)).toEqual([]);
  await store.setTraceTag(shared.traceId, 'team', 'größe');
  await store.deleteTraceTag(shared.traceId, 'old');
  await store.setTraceTag(shared.traceId, 'mlflow.traceName', 'renamed');
  await store.linkTracesToRun([shared.traceId], runId);
  await store.linkPromptVersionsToTrace(shared.traceId, [{ name: 'ask', version: '1' }]);
  const goes = await subject.trace({ experimentId });
  await store.deleteTraces(experimentId, { traceIds: [goes] });
  // A trace that goes on: its record has not come.
  const open = spanRecord({ experiment: { id: experimentId }, name: 'open' });
  expect(await subject.deliver(open)).toEqual([]);
  return shared.traceId;
}

async function fillAssessments(store: TrackingStore, traceId: string, deletedRun: string): Promise<void> {
  const add = (changes: Partial<NewAssessment>) =>
    store.createAssessment({
      traceId,
      spanId: null,
      kind: 'feedback',
      name: 'quality',
      value: 0.5,
      error: null,
      source: HUMAN,
      rationale: null,
      metadata: {},
      overrides: null,
      ...changes,
    });
  const first = await add({ rationale: 'so so 🦉' });
  await add({ value: 0.75, metadata: { a: 'b' }, overrides: first.assessmentId });
  const error = { errorCode: 'TIMEOUT', errorMessage: 'too slow', stackTrace: null };
  await add({ name: 'judged', value: null, error, source: { sourceType: 'LLM_JUDGE', sourceId: 'judge-1' } });
  await add({ name: 'of a span', value: { a: [1, 'ü'] }, spanId: 'cd'.repeat(8) });
  const changed = await add({ kind: 'expectation', name: 'answer', value: ['a'], metadata: { a: '1' } });
  await store.updateAssessment(traceId, changed.assessmentId, {
    name: 'the answer',
    value: ['b', 2],
    metadata: { b: '2' },
  });
  await add({ kind: 'issue', name: 'iss-1', value: 'slow' });
  const twice = await add({ name: 'twice', value: true });
  const once = await add({ name: 'twice', value: false, overrides: twice.assessmentId });
  await store.deleteAssessment(traceId, once.assessmentId);
  await add({ name: 'of a run', value: true, metadata: { 'mlflow.assessment.sourceRunId': deletedRun } });
}
