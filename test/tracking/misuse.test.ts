import fs from 'node:fs';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as autolog from '../../src/index.ts';
import { temporaryFolder } from './temporary-store.ts';

beforeEach(() => {
  autolog.setTrackingUri(`sqlite:///${path.join(temporaryFolder(), 'mlflow.db')}`);
});

afterEach(async () => {
  await autolog.shutdown();
  autolog.setTrackingUri('sqlite:///mlflow.db');
});

const client = () => new autolog.MlflowClient();
const nothing = null as never;
const number = 1 as never;
const pixels = { data: [1, 2, 3], width: 1, height: 1 };

/** Calls that no compiler lets pass; programs in JavaScript have none. */
const CALLS: Readonly<Record<string, () => unknown>> = {
  'a run from no options': () => autolog.startRun(nothing),
  'the end of a run by a symbol': () => {
    autolog.startRun();
    autolog.endRun(Symbol.iterator as never);
  },
  'inputs that are no list': () => autolog.logInputs(number),
  'an input that is nothing': () => autolog.logInputs([nothing]),
  'outputs that are no list': () => autolog.logOutputs('m-1' as never),
  'an output that is nothing': () => autolog.logOutputs([nothing]),
  'a file without a path': () => autolog.logArtifact(nothing),
  'a folder without a path': () => autolog.logArtifacts(number),
  'text to no file': () => autolog.logText('a', nothing),
  'a dictionary to no file': () => autolog.logDict({}, nothing),
  'a figure to no file': () => autolog.logFigure({ data: [] }, nothing),
  'an image to nowhere': () => autolog.logImage(pixels, nothing),
  'an image under no key': () => autolog.logImage(pixels, {} as never),
  'a table to no file': () => autolog.logTable({}, nothing),
  'a stream to no file': () => autolog.logStream(['a'], nothing),
  'a table by no options': () => autolog.loadTable('a.json', nothing),
  'runs by no options': () => autolog.searchRuns(nothing),
  'experiments by no options': () => autolog.searchExperiments(nothing),
  'models by no options': () => autolog.searchLoggedModels(nothing),
  'an experiment by no name': () => autolog.getExperimentByName(nothing),
  'an experiment from no options': () => autolog.createExperiment('e', nothing),
  'a tag without a key': () => autolog.deleteExperimentTag(nothing),
  'a model from no options': () => autolog.initializeLoggedModel(nothing),
  'an external model from no options': () => autolog.createExternalModel(nothing),
  'a model by no id': () => autolog.getLoggedModel(nothing),
  'a tag of no model': () => autolog.setLoggedModelTags(nothing, {}),
  'an active model by no options': () => autolog.setActiveModel(nothing),
  'a run by an option of another name': () => autolog.startRun({ name: 'first' } as never),
  'runs by an option of another name': () => autolog.searchRuns({ filterString: 'a' } as never),
  'experiments by an option of another name': () => autolog.searchExperiments({ sort: [] } as never),
  'models by an option of another name': () => autolog.searchLoggedModels({ filterString: 'a' } as never),
  'traces by an option of another name': () => autolog.searchTraces({ includeSpans: true } as never),
  'runs of experiments that are no list': () => autolog.searchRuns({ experimentIds: '0' } as never),
  'traces of experiments that are no list': () => autolog.searchTraces({ experimentIds: '0' } as never),
  'traces by no options': () => autolog.searchTraces(nothing),
  'runs of the client without experiments': () => client().searchRuns({ filter: '' } as never),
  'models of the client without experiments': () => client().searchLoggedModels({} as never),
  'traces of the client by a list': () => client().searchTraces(['0'] as never),
  'experiments of the client by an option of another name': () =>
    client().searchExperiments({ name: 'a' } as never),
  'a dataset with the context alone': () =>
    autolog.logInput({ name: 'a', digest: 'b', sourceType: 'local', source: '{}' }, 'train' as never),
  'inputs of the client that are no list': () => client().logInputs('a'.repeat(32), nothing),
  'an input of the client that is nothing': () => client().logInputs('a'.repeat(32), [nothing]),
  'outputs of the client that are no list': () => client().logOutputs('a'.repeat(32), nothing),
  'a run of the client by a number': () => client().getRun(number),
};

test.for(Object.keys(CALLS))('%s is refused in one sentence', async (name) => {
  const call = async () => CALLS[name]?.();
  await expect(call()).rejects.toMatchObject({
    name: 'AutologError',
    code: 'INVALID_PARAMETER_VALUE',
    message: expect.stringMatching(/[;:] .+\.$/),
  });
});

test('an option of another name is told with the one that was meant, or with all', async () => {
  const search = (options: object) => autolog.searchRuns(options as never);
  await expect(search({ filterString: "params.lr = '1'" })).rejects.toThrow(
    "Cannot search runs: there is no option 'filterString'; write 'filter'.",
  );
  await expect(search({ orderby: [] })).rejects.toThrow("write 'orderBy'.");
  expect(() => autolog.startRun({ name: 'first' } as never)).toThrow("write 'runName'.");
  await expect(search({ where: '' })).rejects.toThrow(
    "there is no option 'where'; there are filter, orderBy, maxResults, experimentIds, viewType, experimentNames,",
  );
});

test('a run that is printed shows nothing of its store', () => {
  const run = autolog.startRun();
  expect(inspect(run)).not.toContain('store');
  expect(JSON.stringify(run)).not.toContain('mlflow.db');
});

test('what cannot be written anywhere rejects the call alone, and nothing behind it', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', note);
  try {
    const file = path.join(temporaryFolder(), 'file');
    fs.writeFileSync(file, '');
    autolog.setTrackingUri(`sqlite:///${path.join(file, 'mlflow.db')}`);
    const circular: { self?: unknown } = {};
    circular.self = circular;
    await expect(autolog.logDict(circular, 'a.json')).rejects.toBeInstanceOf(autolog.AutologError);
    await expect(autolog.logFigure(circular, 'a.json')).rejects.toBeInstanceOf(autolog.AutologError);
    await expect(autolog.logImage(nothing, 'a.png')).rejects.toBeInstanceOf(autolog.AutologError);
    await expect(autolog.logTable(nothing, 'a.json')).rejects.toBeInstanceOf(autolog.AutologError);
    await expect(autolog.logStream(nothing, 'a.txt')).rejects.toBeInstanceOf(autolog.AutologError);
    for (let i = 0; i < 5; i++) await turn();
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
  }
});
