import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MlflowClient } from '../../src/tracking/client.ts';
import { shutdown } from '../../src/tracking/delivery/writers.ts';
import { loadTable, logTable, logText } from '../../src/tracking/fluent/artifacts.ts';
import { endRun, startRun, withRun } from '../../src/tracking/fluent/runs.ts';
import { setExperiment, setTrackingUri } from '../../src/tracking/settings.ts';
import { temporaryFolder } from './temporary-store.ts';

let client: MlflowClient;

beforeEach(() => {
  setTrackingUri(`sqlite:///${path.join(temporaryFolder(), 'mlflow.db')}`);
  client = new MlflowClient();
});

afterEach(async () => {
  await shutdown();
  setTrackingUri('sqlite:///mlflow.db');
  setExperiment({ id: '0' });
});

async function readJson(runId: string, file: string): Promise<unknown> {
  return JSON.parse(fs.readFileSync(await client.downloadArtifacts(runId, file), 'utf8'));
}

const invalid = (message: RegExp) => ({
  code: 'INVALID_PARAMETER_VALUE',
  message: expect.stringMatching(message),
});

describe('logTable', () => {
  test('writes columns, rows and single cells as MLflow does, and tells of the file in a tag', async () => {
    const { runId } = startRun();
    await logTable({ question: ['a', 'b'], score: Float32Array.from([0.5, 1]), model: 'm' }, 'deep/columns.json');
    await logTable([{ a: 1 }, { b: [1, { c: 2 }] }], 'rows.json');
    await logTable({ a: 1, b: 'x' }, 'cells.json');
    expect(await readJson(runId, 'deep/columns.json')).toEqual({
      columns: ['question', 'score', 'model'],
      data: [
        ['a', 0.5, 'm'],
        ['b', 1, 'm'],
      ],
    });
    expect(await readJson(runId, 'rows.json')).toEqual({
      columns: ['a', 'b'],
      data: [
        [1, null],
        [null, [1, { c: 2 }]],
      ],
    });
    expect(await readJson(runId, 'cells.json')).toEqual({ columns: ['a', 'b'], data: [[1, 'x']] });
    const { tags } = await client.getRun(runId);
    expect(tags['mlflow.loggedArtifacts']).toBe(
      '[{"path": "deep/columns.json", "type": "table"}, {"path": "rows.json", "type": "table"}, {"path": "cells.json", "type": "table"}]',
    );
  });

  test('gives dates, big integers, NaN and undefined a JSON form', async () => {
    const { runId } = startRun();
    const row = { at: new Date(0), big: 12n, huge: 2n ** 70n, nan: Number.NaN, none: undefined };
    await logTable([row], 'a.json');
    expect(await readJson(runId, 'a.json')).toMatchObject({
      data: [['1970-01-01T00:00:00.000Z', 12, '1180591620717411303424', null, null]],
    });
  });

  test('appends to a table that is there, column by name', async () => {
    const { runId } = startRun();
    await logTable({ a: [1], b: [2] }, 't.json');
    await logTable({ c: [5], b: [4] }, 't.json');
    expect(await readJson(runId, 't.json')).toEqual({
      columns: ['a', 'b', 'c'],
      data: [
        [1, 2, null],
        [null, 4, 5],
      ],
    });
  });

  test('appends once for each of many calls that do not wait for one another', async () => {
    const { runId } = startRun();
    await Promise.all(Array.from({ length: 20 }, (_, n) => logTable({ n: [n] }, 't.json')));
    const { data } = (await readJson(runId, 't.json')) as { data: number[][] };
    expect(data.flat()).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect((await client.getRun(runId)).tags['mlflow.loggedArtifacts']).toBe(
      '[{"path": "t.json", "type": "table"}]',
    );
  });

  test('writes images of cells to files of their own', async () => {
    const { runId } = startRun();
    const image = { data: [1, 2, 3], width: 1, height: 1 };
    await logTable({ prompt: ['a', 'b'], image: [image, image] }, 'deep/gen.json');
    const { data } = (await readJson(runId, 'deep/gen.json')) as { data: [string, Record<string, string>][] };
    for (const [, cell] of data) {
      expect(cell).toEqual({
        type: 'image',
        filepath: expect.stringMatching(/^table_images\/deep\/gen\/[0-9a-f-]{36}\.png$/),
        compressed_filepath: cell.filepath?.replace('.png', '.webp'),
      });
      await client.downloadArtifacts(runId, `${cell.filepath}`);
      await client.downloadArtifacts(runId, `${cell.compressed_filepath}`);
    }
    await expect(logTable({ image: [image, 'none'] }, 'mixed.json')).rejects.toMatchObject(
      invalid(/mixes images/),
    );
  });

  test('refuses what is no table, other files, and cells without a JSON form', async () => {
    startRun();
    await expect(logTable({ a: [1, 2], b: [1] }, 'a.json')).rejects.toMatchObject(invalid(/2 and 1 cells/));
    await expect(logTable('text' as never, 'a.json')).rejects.toMatchObject(invalid(/pass rows/));
    await expect(logTable([1] as never, 'a.json')).rejects.toMatchObject(invalid(/a row is no object/));
    await expect(logTable({ a: 1 }, 'a.csv')).rejects.toMatchObject(invalid(/'\.json'/));
    await expect(logTable({ a: 1 }, 'a.parquet')).rejects.toMatchObject({ code: 'NOT_IMPLEMENTED' });
    const circular: { self?: unknown } = {};
    circular.self = circular;
    await expect(logTable({ a: [circular] }, 'a.json')).rejects.toMatchObject(invalid(/no JSON form/));
    await logText('no table', 'b.json');
    await expect(logTable({ a: 1 }, 'b.json')).rejects.toMatchObject(invalid(/Cannot read the table 'b\.json'/));
  });

  test('takes its turn after a call that failed', async () => {
    const { runId } = startRun();
    const failing = logTable({ a: [{ toJSON: () => 1n << 80n }, Symbol.iterator] }, 't.json').catch(
      () => 'failed',
    );
    await logTable({ a: [1] }, 't.json');
    await failing;
    expect(await readJson(runId, 't.json')).toMatchObject({ columns: ['a'] });
  });
});

describe('loadTable', () => {
  test('joins the tables of the runs of the experiment, with columns of the run', async () => {
    const runIds: string[] = [];
    for (const lr of [0.1, 0.2]) {
      const { runId } = await withRun(async (run) => {
        run.logParam('lr', lr);
        await logTable({ a: [lr], runId: ['own'] }, 'eval/t.json');
        await logTable({ other: [1] }, 'eval/t2.json');
        return run;
      });
      runIds.push(runId);
    }
    expect(await loadTable('eval/t.json', { extraColumns: ['runId', 'params.lr'] })).toEqual([
      { a: 0.2, runId: 'own', runId_: runIds[1], 'params.lr': '0.2' },
      { a: 0.1, runId: 'own', runId_: runIds[0], 'params.lr': '0.1' },
    ]);
    expect(await loadTable('eval/t.json', { runIds: [`${runIds[0]}`] })).toEqual([{ a: 0.1, runId: 'own' }]);
    expect(await client.loadTable('0', 'eval/t2.json')).toEqual([{ other: 1 }, { other: 1 }]);
    await expect(loadTable('eval/t.json', { extraColumns: ['lr'] })).rejects.toMatchObject(
      invalid(/params\.<name>/),
    );
  });

  test('rejects for a table that no run has', async () => {
    startRun();
    await logTable({ a: 1 }, "it's.json");
    endRun();
    expect(await loadTable("it's.json")).toEqual([{ a: 1 }]);
    await expect(loadTable('its.json')).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    await expect(loadTable('none.json')).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    await expect(loadTable('none.csv')).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
  });
});
