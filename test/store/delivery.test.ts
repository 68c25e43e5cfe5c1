import { describe, expect, test } from 'vitest';
import type { LogRecord, MetricRecord } from '../../src/store/log-record.ts';
import { createRun, deliver, journalOf, metric, openStore, RUN } from './records.ts';

const MODEL = `m-${'c'.repeat(32)}`;
const dataset = {
  name: 'iris',
  digest: 'abc',
  sourceType: 'code',
  source: '{}',
  schema: null,
  profile: '{"rows": 150}',
};

describe('a run', () => {
  test('is read as it was logged', async () => {
    const store = openStore();
    const refused = deliver(
      store,
      createRun(),
      { op: 'param', runId: RUN, key: 'lr', value: '0.1' },
      { op: 'tag', runId: RUN, key: 'team', value: 'blue' },
      metric(0, 0.5),
      metric(1, 0.25),
      { op: 'input', runId: RUN, dataset, tags: { 'mlflow.data.context': 'train' } },
      { op: 'updateRun', runId: RUN, status: 'FINISHED', endTime: 9000 },
    );
    expect(refused).toEqual([]);
    const experiment = await store.getExperimentByName('demo');
    expect(await store.getRun(RUN)).toEqual({
      info: {
        runId: RUN,
        runName: 'calm-owl-7',
        experimentId: '1',
        userId: 'ada',
        status: 'FINISHED',
        startTime: 1000,
        endTime: 9000,
        artifactUri: `${experiment?.artifactLocation}/${RUN}/artifacts`,
        lifecycleStage: 'active',
      },
      params: { lr: '0.1' },
      metrics: { loss: { key: 'loss', value: 0.25, timestamp: 2001, step: 1 } },
      tags: { 'mlflow.runName': 'calm-owl-7', 'mlflow.user': 'ada', team: 'blue' },
      datasetInputs: [{ dataset, tags: { 'mlflow.data.context': 'train' } }],
      modelInputs: [],
      modelOutputs: [],
    });
  });

  test('takes its new name from the tag, and loses a tag that is set to null', async () => {
    const store = openStore();
    deliver(
      store,
      createRun(),
      { op: 'tag', runId: RUN, key: 'mlflow.runName', value: 'brave-fox-1' },
      { op: 'tag', runId: RUN, key: 'mlflow.user', value: null },
    );
    const run = await store.getRun(RUN);
    expect(run.info.runName).toBe('brave-fox-1');
    expect(run.tags).toEqual({ 'mlflow.runName': 'brave-fox-1' });
  });

  test('is taken up again by RUNNING', async () => {
    const store = openStore();
    deliver(
      store,
      createRun(),
      { op: 'updateRun', runId: RUN, status: 'FAILED', endTime: 9000 },
      { op: 'updateRun', runId: RUN, status: 'RUNNING', endTime: null },
    );
    expect((await store.getRun(RUN)).info).toMatchObject({ status: 'RUNNING', endTime: null });
  });

  test('refuses what is logged while it is deleted, and takes it after it was restored', async () => {
    const store = openStore();
    deliver(store, createRun());
    await store.deleteRun(RUN);
    expect(deliver(store, metric(0, 1))).toEqual([
      `INVALID_PARAMETER_VALUE: The run ${RUN} must be in the 'active' state. Current state is deleted; restore it or begin another run.`,
    ]);
    expect(() => store.checkNow.run(RUN)).toThrow(/must be in the 'active' state/);
    expect((await store.searchRuns({ experimentIds: ['1'] })).items).toEqual([]);
    await store.restoreRun(RUN);
    expect(deliver(store, metric(0, 1))).toEqual([]);
    expect(store.checkNow.run(RUN).metrics.loss?.value).toBe(1);
  });

  test('that is unknown is said to be', async () => {
    const store = openStore();
    expect(deliver(store, metric(0, 1))[0]).toMatch(/^RESOURCE_DOES_NOT_EXIST: Run with id=a+ not found/);
    await expect(store.getRun(RUN)).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    await expect(store.getMetricHistory(RUN, 'loss')).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
  });

  test('is begun once', () => {
    const store = openStore();
    expect(deliver(store, createRun(), createRun())[0]).toMatch(/^RESOURCE_ALREADY_EXISTS/);
  });
});

describe('params', () => {
  test('stay as they were first logged', async () => {
    const store = openStore();
    const param = (value: string): LogRecord => ({ op: 'param', runId: RUN, key: 'lr', value });
    const refused = deliver(store, createRun(), param('0.1'), param('0.1'), param('0.2'));
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatch(
      /^INVALID_PARAMETER_VALUE: Changing param values is not allowed. Param with key='lr' was already logged with value='0.1' for run ID='a+'. Attempted logging new value '0.2'/,
    );
    expect((await store.getRun(RUN)).params).toEqual({ lr: '0.1' });
  });

  test('are cut at 6000 characters', async () => {
    const store = openStore();
    deliver(store, createRun(), { op: 'param', runId: RUN, key: 'prompt', value: 'x'.repeat(7000) });
    expect((await store.getRun(RUN)).params.prompt).toHaveLength(6000);
  });
});

describe('metrics', () => {
  test('keep NaN and the infinities', async () => {
    const store = openStore();
    deliver(store, createRun(), metric(0, 'NaN'), metric(1, 'Infinity'), metric(2, '-Infinity'), metric(3, 0));
    const history = (await store.getMetricHistory(RUN, 'loss')).items;
    expect(history.map(({ value }) => value)).toEqual([
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      0,
    ]);
  });

  test('ignore the same point again', async () => {
    const store = openStore();
    expect(deliver(store, createRun(), metric(0, 1), metric(0, 1), metric(0, 'NaN'), metric(0, 'NaN'))).toEqual(
      [],
    );
    expect((await store.getMetricHistory(RUN, 'loss')).items).toHaveLength(2);
  });

  test.each([
    ['a greater step', metric(2, 0.1), metric(1, 0.9, { timestamp: 9999 }), 0.1],
    ['then a later time', metric(1, 0.1, { timestamp: 3000 }), metric(1, 0.9, { timestamp: 2000 }), 0.1],
    ['then a greater value', metric(1, 0.9), metric(1, 0.1), 0.9],
    ['a greater step of NaN', metric(2, 'NaN'), metric(1, 0.9), Number.NaN],
  ])('take as the latest the point with %s', async (_rule, latest, other, value) => {
    for (const records of [
      [latest, other],
      [other, latest],
    ]) {
      const store = openStore();
      deliver(store, createRun(), ...records);
      expect((await store.getRun(RUN)).metrics.loss?.value).toBe(value);
    }
  });

  test('come by time, then step, then value', async () => {
    const store = openStore();
    deliver(
      store,
      createRun(),
      metric(2, 3),
      metric(1, 2, { timestamp: 5000 }),
      metric(1, 1, { timestamp: 4000 }),
    );
    expect((await store.getMetricHistory(RUN, 'loss')).items.map(({ value }) => value)).toEqual([3, 1, 2]);
  });

  test.each([
    ['a bad key', { key: 'a//b' }],
    ['half a step', { step: 0.5 }],
    ['a value that is no number', { value: 'many' as 'NaN' }],
  ])('with %s are refused alone', async (_title, changes: Partial<MetricRecord>) => {
    const store = openStore();
    const refused = deliver(store, createRun(), metric(0, 1), metric(1, 2, changes), metric(2, 3));
    expect(refused).toEqual([expect.stringMatching(/^INVALID_PARAMETER_VALUE/)]);
    expect((await store.getMetricHistory(RUN, 'loss')).items).toHaveLength(2);
  });
});

test('a dataset of an experiment is stored once, and linked once to each run', async () => {
  const store = openStore();
  const other = 'b'.repeat(32);
  const input = (runId: string): LogRecord => ({
    op: 'input',
    runId,
    dataset,
    tags: { 'mlflow.data.context': 'train' },
  });
  deliver(store, createRun(), createRun({ runId: other }), input(RUN), input(RUN), input(other));
  for (const run of (await store.searchRuns({ experimentIds: ['1'] })).items)
    expect(run.datasetInputs).toHaveLength(1);
});

test('a model that is ready is an output of its run, with the run’s params and latest metrics', async () => {
  const store = openStore();
  const refused = deliver(
    store,
    createRun(),
    { op: 'param', runId: RUN, key: 'lr', value: '0.1' },
    metric(0, 1),
    metric(1, 0.5),
    {
      op: 'createModel',
      modelId: MODEL,
      runId: RUN,
      name: 'classifier',
      modelType: 'tfjs',
      creationTime: 5000,
      params: { depth: '3' },
      tags: { team: 'blue' },
    },
    { op: 'finalizeModel', modelId: MODEL, status: 'READY', step: 1, time: 6000 },
    { op: 'finalizeModel', modelId: MODEL, status: 'READY', step: 1, time: 7000 },
  );
  expect(refused).toEqual([]);
  const experiment = await store.getExperiment('1');
  expect(await store.getLoggedModel(MODEL)).toEqual({
    modelId: MODEL,
    experimentId: '1',
    name: 'classifier',
    artifactLocation: `${experiment.artifactLocation}/models/${MODEL}/artifacts`,
    creationTime: 5000,
    lastUpdatedTime: 7000,
    status: 'READY',
    statusMessage: null,
    lifecycleStage: 'active',
    modelType: 'tfjs',
    sourceRunId: RUN,
    params: { depth: '3', lr: '0.1' },
    tags: { team: 'blue' },
    metrics: [{ key: 'loss', value: 0.5, timestamp: 2001, step: 1, runId: RUN, modelId: MODEL }],
  });
  expect((await store.getRun(RUN)).modelOutputs).toEqual([{ modelId: MODEL, step: 1 }]);
  expect((await store.searchLoggedModels({ experimentIds: ['0', '1'] })).items).toHaveLength(1);
});

describe('a journal', () => {
  test('is delivered in order and once, however often and in whatever chunks', async () => {
    const store = openStore();
    const records = [createRun(), ...Array.from({ length: 25 }, (_, step) => metric(step, step))];
    store.deliver(journalOf(records.slice(0, 10), 'j', 3));
    store.deliver(journalOf(records, 'j', 7));
    expect(store.deliver(journalOf(records, 'j', 100))).toEqual([]);
    expect((await store.getMetricHistory(RUN, 'loss')).items).toHaveLength(25);
  });

  test('is delivered from its beginning after it was forgotten', () => {
    const store = openStore();
    store.deliver(journalOf([createRun()], 'j'));
    store.forget('j');
    expect(store.deliver(journalOf([createRun()], 'j'))).toHaveLength(1);
  });

  test('goes on after records that cannot be stored at all', async () => {
    const store = openStore();
    const unknown = { op: 'levitate', runId: RUN } as unknown as LogRecord;
    const malformed = {
      op: 'createRun',
      runId: 'b'.repeat(32),
      experiment: { name: 'half' },
      name: 'x',
      tags: {},
    };
    const refused = deliver(store, createRun(), unknown, malformed as unknown as LogRecord, metric(0, 1));
    expect(refused).toHaveLength(2);
    expect(refused[0]).toMatch(/kind 'levitate': this version does not know it/);
    expect(refused[1]).toMatch(/^INVALID_PARAMETER_VALUE: Cannot store a record of the kind 'createRun'/);
    expect(await store.getExperimentByName('half')).toBeNull();
    expect((await store.getMetricHistory(RUN, 'loss')).items).toHaveLength(1);
  });

  test('keeps its place when its reader fails', async () => {
    const store = openStore();
    const records = [createRun(), metric(0, 1), metric(1, 2)];
    const failing = { ...journalOf(records, 'j', 2), read: readThenFail(records) };
    expect(() => store.deliver(failing)).toThrow('cannot read');
    store.deliver(journalOf(records, 'j'));
    expect((await store.getMetricHistory(RUN, 'loss')).items).toHaveLength(2);
  });
});

function readThenFail(records: readonly LogRecord[]) {
  return (position: number) => {
    if (position > 0) throw new Error('cannot read');
    return { records: records.slice(0, 2), end: 2 };
  };
}
