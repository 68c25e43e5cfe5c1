import { setTimeout as sleep } from 'node:timers/promises';
import type { LogRecord, MetricRecord } from '../../../src/store/log-record.ts';
import type { NewAssessment } from '../../../src/store/trace-store.ts';
import type { TrackingStore } from '../../../src/store/tracking-store.ts';
import { modelRecord, runRecord, spanRecord, traceRecord } from '../../contract/subject.ts';
import { journalOf } from '../records.ts';
import { createRandom, type Random } from './random.ts';

/** Texts that engines compare in different ways. */
export const TEXTS = [
  ...['a', 'A', 'b', 'ab', 'aB', 'AB', 'a b', 'a ', ' a', 'abc', 'äb', 'Äb', 'é', 'e', 'ß', 'ss', '日本', '😀'],
  ...['10', '9', '1e3', '0.5', '', 'a_b', 'a%b', 'a\\b', 'a*b', 'a?b', 'a[b]', "it's", 'say "hi"', 'true', 'x\ny'],
];

/** Numbers of metrics; a value that is not there is NaN or missing. */
export const NUMBERS = [-1, 0, 0.1, 0.5, 1, 1, 2, 10, 1e300, 'NaN', 'Infinity', '-Infinity'] as const;

const START = 1_700_000_000_000;
const RUNS = 70;
const MODELS = 40;
const TRACES = 70;

/** Fills a new store with experiments, runs, logged models and traces: the same ones in every store. */
export async function fillForSearch(store: TrackingStore): Promise<readonly string[]> {
  const random = createRandom(1);
  const experimentIds: string[] = [];
  for (const [index, name] of ['one', 'Two', 'three', 'four'].entries()) {
    const tags = { team: TEXTS[index] as string, ...(index % 2 ? { odd: 'yes' } : {}) };
    experimentIds.push(await store.createExperiment(name, { tags }));
    // So that they are made in the same order everywhere.
    await sleep(3);
  }
  const records = [
    ...Array.from({ length: RUNS }, (_, index) => run(index, experimentIds, random)),
    ...Array.from({ length: MODELS }, (_, index) => model(index, experimentIds, random)),
    ...Array.from({ length: TRACES }, (_, index) => trace(index, experimentIds, random)),
  ].flat();
  const rejected = await store.deliver(journalOf(records, 'search'));
  if (rejected.length > 0) throw rejected[0]?.error;
  for (let index = 0; index < RUNS; index += 9) await store.deleteRun(runId(index));
  await store.deleteLoggedModel(modelId(4));
  await store.deleteExperiment(experimentIds[3] as string);
  for (let index = 0; index < TRACES; index += 1) await judge(store, index, random);
  await store.linkTracesToRun([traceId(3), traceId(5), traceId(8)], runId(1));
  await store.linkPromptVersionsToTrace(traceId(7), [{ name: 'greet', version: '2' }]);
  return experimentIds.slice(0, 3);
}

/** Id of a run by its number. */
export function runId(index: number): string {
  return hex(index * 7919, 32);
}

/** Id of a trace by its number. */
export function traceId(index: number): string {
  return `tr-${hex(index * 104_729, 32)}`;
}

function modelId(index: number): string {
  return `m-${hex(index * 15_485_863, 32)}`;
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(8, '0').repeat(4).slice(0, digits);
}

function run(index: number, experimentIds: readonly string[], random: Random): LogRecord[] {
  const id = runId(index);
  const records: LogRecord[] = [
    runRecord({
      runId: id,
      experiment: { id: experimentIds[index % 3] as string },
      name: random.pick(TEXTS) || 'unnamed',
      userId: random.pick(['ada', 'Ada', 'bob']),
      startTime: START + random.integer(20),
      tags: random.some({ team: random.pick(TEXTS), stage: random.pick(['dev', 'prod']), 'a.b c': 'dotted' }),
    }),
  ];
  const params = random.some({ lr: random.pick(TEXTS), depth: String(random.integer(4)) });
  for (const [key, value] of Object.entries(params)) records.push({ op: 'param', runId: id, key, value });
  for (const key of Object.keys(random.some({ loss: 0, acc: 0, 'val/acc': 0 })))
    records.push(point(id, key, random));
  if (random.integer(2)) {
    const name = random.pick(['train-set', 'Train-Sets', 'other']);
    const dataset = { name, digest: random.pick(['d1', 'd2']), sourceType: 'local', source: '{}' };
    const tags = random.some({ 'mlflow.data.context': random.pick(['train', 'eval']) });
    records.push({ op: 'input', runId: id, dataset: { ...dataset, schema: null, profile: null }, tags });
  }
  if (random.integer(3)) {
    const status = random.pick(['FINISHED', 'FAILED', 'KILLED'] as const);
    records.push({
      op: 'updateRun',
      runId: id,
      status,
      endTime: random.integer(4) ? START + random.integer(99) : null,
    });
  }
  return records;
}

function point(id: string, key: string, random: Random, changes: Partial<MetricRecord> = {}): MetricRecord {
  return { op: 'metric', runId: id, key, value: random.pick(NUMBERS), timestamp: START, step: 0, ...changes };
}

function model(index: number, experimentIds: readonly string[], random: Random): LogRecord[] {
  const id = modelId(index);
  const records: LogRecord[] = [
    modelRecord({
      modelId: id,
      experiment: { id: experimentIds[index % 3] as string },
      name: random.pick(['net', 'Net', 'a_b', 'tree']),
      modelType: random.pick(['tfjs', 'onnx', null]),
      creationTime: START + random.integer(10),
      params: random.some({ depth: random.pick(TEXTS) }),
      tags: random.some({ team: random.pick(TEXTS) }),
    }),
  ];
  for (let points = random.integer(4); points > 0; points -= 1) {
    const dataset = random.pick([{}, { datasetName: 'd', datasetDigest: random.pick(['1', '2']) }]);
    const value = random.pick([-1, 0.5, 1, 2, 10]);
    const timestamp = START + points;
    records.push(
      point(runId(index), random.pick(['loss', 'acc']), random, { value, timestamp, modelId: id, ...dataset }),
    );
  }
  if (random.integer(2))
    records.push({ op: 'finalizeModel', modelId: id, status: 'READY', step: 0, time: START + 50 });
  return records;
}

function trace(index: number, experimentIds: readonly string[], random: Random): LogRecord[] {
  const common = { experiment: { id: experimentIds[index % 3] as string }, traceId: traceId(index) };
  const requestTime = START + random.integer(30);
  const spans = Array.from({ length: 1 + random.integer(3) }, (_, at) =>
    spanRecord({
      ...common,
      spanId: hex(index * 10 + at, 16),
      parentSpanId: at === 0 ? null : hex(index * 10, 16),
      name: random.pick(['chat', 'Chat', 'tool', 'a_b']),
      startTimeUnixNano: `${requestTime}000000`,
      endTimeUnixNano: `${requestTime + 5}000000`,
      status: { code: random.pick(['OK', 'ERROR'] as const), message: '' },
      attributes: {
        'mlflow.spanType': random.pick(['LLM', 'TOOL', 'CHAIN']),
        model: random.pick(['gpt-4o', 'gpt-5', 'größe', 'say "hi"']),
        size: random.integer(5),
      },
    }),
  );
  const whole = traceRecord({
    ...common,
    requestTime,
    executionDuration: random.integer(9),
    state: random.pick(['OK', 'ERROR'] as const),
    ...(random.integer(2) ? { clientRequestId: random.pick(['c1', 'C1', 'c2']) } : {}),
    metadata: random.some({
      'mlflow.trace.session': random.pick(['s1', 's2', 's3']),
      'mlflow.trace.user': random.pick(TEXTS),
      'mlflow.sourceRun': runId(random.integer(5)),
    }),
    tags: random.some({
      'mlflow.traceName': random.pick(['ask', 'Ask', 'a_k', 'find']),
      team: random.pick(TEXTS),
    }),
  });
  return [...spans, whole];
}

async function judge(store: TrackingStore, index: number, random: Random): Promise<void> {
  const common = { traceId: traceId(index), spanId: null, error: null, rationale: null, overrides: null };
  const source = { sourceType: 'HUMAN', sourceId: 'ada' } as const;
  for (let count = random.integer(3); count > 0; count -= 1) {
    const metadata: Record<string, string> = random.integer(6) ? {} : { 'mlflow.trace.session': 's1' };
    const assessment: NewAssessment = {
      ...common,
      source,
      metadata,
      kind: random.pick(['feedback', 'expectation'] as const),
      name: random.pick(['good', 'score']),
      value: random.pick(['yes', 'no', true, false, 1, 2.5, 10, 'größe', ['a'], { b: 1 }]),
    };
    await store.createAssessment(assessment);
  }
  if (index % 20 === 0) {
    await store.createAssessment({ ...common, source, metadata: {}, kind: 'issue', name: 'i-1', value: 'slow' });
  }
}
