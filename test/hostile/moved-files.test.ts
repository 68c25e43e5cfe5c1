import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { endRun, flush, logMetric, logParam, shutdown, startRun } from '../../src/index.ts';
import { execute } from '../store/raw-database.ts';
import { clientOf, databaseIn, runProgram, startProgram, useNewStore, watchStderr } from './surroundings.ts';

afterEach(() => endRun());

describe('while a run goes on', () => {
  test('its deleted journal loses nothing, and is begun anew', async () => {
    const { folder, client } = useNewStore();
    const { runId } = startRun();
    logParam('before', 1);
    fs.rmSync(path.join(folder, '.autolog'), { recursive: true });
    logParam('after', 2);
    expect((await client.getRun(runId)).params).toEqual({ before: '1', after: '2' });
    logParam('later', 3);
    expect(fs.readdirSync(path.join(folder, '.autolog', 'mlflow.db'))).toHaveLength(1);
    expect((await client.getRun(runId)).params).toMatchObject({ later: '3' });
  });

  test('its deleted database is made again with all that the process has logged, and that is told once', async () => {
    const stderr = watchStderr();
    const { folder } = useNewStore();
    const { runId } = startRun();
    logMetric('m', 1, { step: 1 });
    await flush();
    fs.rmSync(databaseIn(folder));
    logMetric('m', 2, { step: 2 });
    await flush();
    endRun();
    await shutdown();
    const client = clientOf(folder);
    expect((await client.getRun(runId)).info.status).toBe('FINISHED');
    expect((await client.getMetricHistory(runId, 'm')).map(({ value }) => value)).toEqual([1, 2]);
    expect(stderr.text).toMatch(
      /^autolog: the database '.*mlflow.db' is gone: it was deleted or replaced.*; .*\.\n$/,
    );
  });

  test('its database may be replaced by another MLflow database, which is not damaged by what the old one left', async () => {
    watchStderr();
    const other = await runProgram(`console.log(autolog.startRun({ runName: 'other' }).runId);`);
    const { folder } = useNewStore();
    const { runId } = startRun();
    for (let step = 0; step < 1000; step++) logMetric('m', step, { step });
    await flush();
    fs.renameSync(databaseIn(other.folder), databaseIn(folder));
    logMetric('m', 1000, { step: 1000 });
    await flush();
    const client = clientOf(folder);
    expect((await client.getRun(other.stdout.trim())).info.runName).toBe('other');
    expect(await client.getMetricHistory(runId, 'm')).toHaveLength(1001);
    expect(() => execute(databaseIn(folder), 'PRAGMA integrity_check')).not.toThrow();
  });

  test('its database may be locked for 3 s: the program is not delayed, and nothing is lost or told', async () => {
    const stderr = watchStderr();
    const { folder, client } = useNewStore();
    const { runId } = startRun();
    await flush();
    await startProgram(LOCKING, { folder });
    let longestMs = 0;
    for (let last = performance.now(), step = 0; step < 200; step++) {
      logMetric('m', step, { step });
      await sleep(10);
      const now = performance.now();
      longestMs = Math.max(longestMs, now - last);
      last = now;
    }
    const asked = performance.now();
    expect(await client.getMetricHistory(runId, 'm')).toHaveLength(200);
    expect(performance.now() - asked).toBeGreaterThan(50);
    // Half of it is the load of the machine; without care it would be 3000.
    expect(longestMs).toBeLessThan(500);
    expect(stderr.text).toBe('');
  });
});

const LOCKING = `
import { DatabaseSync } from 'node:sqlite';
const database = new DatabaseSync('mlflow.db');
database.exec('BEGIN IMMEDIATE');
console.log('ready');
setTimeout(() => database.exec('COMMIT'), 3000);
`;
