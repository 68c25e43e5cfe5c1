import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tfjsFolderLoader } from '../../integrations/tfjs.ts';
import { flush, type LoggedModel, MlflowClient, withRun } from '../../src/index.ts';
import { autolog, compiledModel, iris, points, recordRuns, setUpTfjs, tf, weightBytes } from './tfjs-setup.ts';

setUpTfjs();
beforeEach(() => autolog());
afterEach(() => autolog({ disable: true }));

/** Models of a run, the oldest first. */
async function modelsOf(runId: string | undefined, client = new MlflowClient()): Promise<LoggedModel[]> {
  await flush();
  const models = (await client.searchLoggedModels({ experimentIds: ['0'] })).items;
  return models.filter(({ sourceRunId }) => sourceRunId === runId).sort((a, b) => a.creationTime - b.creationTime);
}

async function loadWeights(model: LoggedModel | undefined): Promise<Buffer> {
  return weightBytes(await tf.loadLayersModel(tfjsFolderLoader(model?.artifactLocation ?? '')));
}

describe('a compiled model that is fitted again', () => {
  it('goes on in its run: steps and epochs count on, params and data stay', async () => {
    const { x, y } = iris();
    const model = compiledModel();
    const { runs } = await recordRuns(async () => {
      await model.fit(x, y, { epochs: 2, batchSize: 75, verbose: 0 });
      await model.fit(x, y, { epochs: 1, batchSize: 50, verbose: 0 });
      await model.fitDataset(tf.data.array([{ xs: x.clone(), ys: y.clone() }]) as never, {
        epochs: 1,
        verbose: 0,
      });
    });
    expect(runs).toHaveLength(1);
    expect(runs[0]?.info.status).toBe('FINISHED');
    expect(runs[0]?.params).toMatchObject({ epochs: '2', batch_size: '75' });
    expect((await points(runs[0], 'loss')).map(([step]) => step)).toEqual([0, 1, 2, 3]);
    expect((await points(runs[0], 'batch_loss')).map(([step]) => step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(runs[0]?.datasetInputs).toHaveLength(1);
  });

  it('begins a new run when it was compiled anew', async () => {
    const { x, y } = iris();
    const model = compiledModel();
    const { runs } = await recordRuns(async () => {
      await model.fit(x, y, { verbose: 0 });
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      await model.fit(x, y, { verbose: 0 });
    });
    expect(runs.map(({ params }) => params.opt_name)).toEqual(['Adam', 'SGD']);
    for (const run of runs) expect((await points(run, 'loss')).map(([step]) => step)).toEqual([0]);
  });

  it('counts epochs as the program does when it says where it begins', async () => {
    const { x, y } = iris();
    const model = compiledModel();
    const { runs } = await recordRuns(async () => {
      await model.fit(x, y, { epochs: 2, verbose: 0 });
      await model.fit(x, y, { epochs: 4, initialEpoch: 2, verbose: 0 });
    });
    expect((await points(runs[0], 'loss')).map(([step]) => step)).toEqual([0, 1, 2, 3]);
  });

  it('goes on in the run of the program, too', async () => {
    const { x, y } = iris();
    const model = compiledModel();
    const { runs } = await recordRuns(() =>
      withRun(async () => {
        await model.fit(x, y, { verbose: 0 });
        await model.fit(x, y, { verbose: 0 });
      }),
    );
    expect((await points(runs[0], 'loss')).map(([step]) => step)).toEqual([0, 1]);
  });

  it('is saved at once after the first time, then when it rests', async () => {
    const { x, y } = iris();
    const model = compiledModel();
    let first: Buffer = Buffer.alloc(0);
    const { runs } = await recordRuns(async () => {
      await model.fit(x, y, { verbose: 0 });
      first = weightBytes(model);
      for (let round = 0; round < 3; round++) await model.fit(x, y, { verbose: 0 });
    });
    const runId = runs[0]?.info.runId;
    expect(await modelsOf(runId)).toHaveLength(1);
    await delay(1300);
    const models = await modelsOf(runId);
    expect(models.map(({ status }) => status)).toEqual(['READY', 'READY']);
    expect((await loadWeights(models[0])).equals(first)).toBe(true);
    expect((await loadWeights(models[1])).equals(weightBytes(model))).toBe(true);
  });

  it('is saved when the program comes to its end', async () => {
    const folder = fs.mkdtempSync(path.resolve('refit-'));
    const program = path.join(import.meta.dirname, 'tfjs-refit-program.ts');
    const started = Date.now();
    const { stdout, status } = spawnSync(process.execPath, [program], { cwd: folder, encoding: 'utf8' });
    expect(status).toBe(0);
    const client = new MlflowClient(`sqlite:///${path.join(folder, 'mlflow.db')}`);
    const [run, ...others] = (await client.searchRuns({ experimentIds: ['0'] })).items;
    expect(others).toEqual([]);
    expect(run?.info.status).toBe('FINISHED');
    const models = await modelsOf(run?.info.runId, client);
    expect(models.map((model) => model.status)).toEqual(['READY', 'READY']);
    const last = JSON.parse(stdout.slice(stdout.lastIndexOf('[[')));
    const bytes = await loadWeights({
      ...(models[1] as LoggedModel),
      artifactLocation: path.resolve(folder, models[1]?.artifactLocation ?? ''),
    });
    expect([...new Float32Array(new Uint8Array(bytes).buffer)]).toEqual(last.flat());
    expect(Date.now() - started).toBeLessThan(20_000);
  });

  it('that was disposed of meanwhile keeps the state that was saved, and says so', async () => {
    const { x, y } = iris();
    const model = compiledModel();
    const reports: string[] = [];
    const { write } = process.stderr;
    delete process.env.AUTOLOG_TESTING;
    process.stderr.write = ((text: string) => reports.push(text) > 0) as typeof write;
    try {
      const { runs } = await recordRuns(async () => {
        for (let round = 0; round < 2; round++) await model.fit(x, y, { verbose: 0 });
        model.dispose();
        await delay(1300);
      });
      expect(await modelsOf(runs[0]?.info.runId)).toHaveLength(1);
    } finally {
      process.stderr.write = write;
      process.env.AUTOLOG_TESTING = '1';
    }
    expect(reports.join('')).toMatch(/saving the last state of a model: .*disposed/);
  });
});
