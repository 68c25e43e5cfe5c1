import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { MlflowClient } from '../../src/tracking/client.ts';
import { toRunStatus } from '../../src/tracking/delivery/exit.ts';
import { createRequirement } from '../support/requirements.ts';

const PROGRAM = fileURLToPath(new URL('program.ts', import.meta.url));
const COUNT = 2000;

function runProgram(ending: string) {
  const folder = fs.mkdtempSync(path.join(process.cwd(), 'exit-'));
  const child = spawnSync(process.execPath, [PROGRAM, ending, String(COUNT)], { cwd: folder, encoding: 'utf8' });
  return { folder, runId: child.stdout.trim(), ...child };
}

function clientOf(folder: string): MlflowClient {
  return new MlflowClient(`sqlite:///${path.join(folder, 'mlflow.db')}`);
}

describe('a program that ends', () => {
  test.each([
    ['by itself', 0, 'FINISHED'],
    ['with an exit code it has set', 3, 'FAILED'],
    ['by exit(0)', 0, 'FINISHED'],
    ['by exit(3)', 3, 'FAILED'],
    ['by exit(143)', 143, 'KILLED'],
    ['by an uncaught error', 1, 'FAILED'],
    ['by an unhandled rejection', 1, 'FAILED'],
    ['after an error that it caught itself', 0, 'FINISHED'],
  ])('%s leaves a run with every point and the right status, and no journal', async (ending, exitCode, status) => {
    const { folder, runId, status: code } = runProgram(ending);
    expect(code).toBe(exitCode);
    expect(fs.existsSync(path.join(folder, '.autolog'))).toBe(false);
    const client = clientOf(folder);
    const run = await client.getRun(runId);
    expect(run.info.status).toBe(status);
    expect(run.info.endTime).toBeGreaterThanOrEqual(run.info.startTime);
    expect(await client.getMetricHistory(runId, 'm')).toHaveLength(COUNT);
  });

  test('inside withRun ends the outer and the inner run', async () => {
    const { folder } = runProgram('by exit(0) inside withRun');
    const runs = (await clientOf(folder).searchRuns({ experimentIds: ['0'] })).items;
    expect(runs.map(({ info }) => info.status)).toEqual(['FINISHED', 'FINISHED']);
  });
});

describe('a program that dies by a signal', () => {
  test.each(['by SIGTERM', 'by SIGKILL', 'by SIGKILL in the middle of a delivered run'])(
    '%s loses nothing: the next process delivers it, the run is KILLED at the time of the last record',
    async (ending) => {
      const { folder, runId, signal } = runProgram(ending);
      expect(signal).toBe(ending.includes('SIGTERM') ? 'SIGTERM' : 'SIGKILL');
      const client = clientOf(folder);
      const { info, metrics } = await client.getRun(runId);
      expect(info.status).toBe('KILLED');
      const last = Math.max(...Object.values(metrics).map(({ timestamp }) => timestamp));
      expect(Math.abs((info.endTime ?? 0) - last)).toBeLessThan(1000);
      expect(await client.getMetricHistory(runId, 'm')).toHaveLength(COUNT);
      if (ending.includes('middle')) expect(metrics.late?.value).toBe(1);
      expect(fs.readdirSync(path.join(folder, '.autolog', 'mlflow.db'))).toEqual([]);
    },
  );

  test('after it has ended its run leaves the run as it was', async () => {
    const { folder, runId } = runProgram('by SIGKILL after it has ended its run');
    expect((await clientOf(folder).getRun(runId)).info.status).toBe('FINISHED');
  });
});

const smallDisk = mountSmallDisk();

describe.skipIf(smallDisk.isMissing)(smallDisk.title('a program whose disk becomes full'), () => {
  afterAll(() => {
    spawnSync('umount', ['-l', smallDisk.folder]);
  });

  test('goes on, says what it could not keep, and leaves the rest for the next process', async () => {
    const count = 30_000;
    const child = spawnSync(process.execPath, [PROGRAM, 'by itself', String(count)], {
      cwd: smallDisk.folder,
      encoding: 'utf8',
    });
    expect(child.status, child.stderr).toBe(0);
    expect(child.stderr).toMatch(/kept in memory for now.*disk is full/);
    const lostCount = Number(/lost for .*: (\d+) records/.exec(child.stderr)?.[1]);
    spawnSync('mount', ['-o', 'remount,size=64m', smallDisk.folder]);
    const client = clientOf(smallDisk.folder);
    const history = await client.getMetricHistory(child.stdout.trim(), 'm');
    // The end of the run is lost, too.
    expect(history).toHaveLength(count - lostCount + 1);
    expect((await client.getRun(child.stdout.trim())).info.status).toBe('KILLED');
  });
});

function mountSmallDisk() {
  const folder = fs.mkdtempSync(path.join(process.cwd(), 'disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1536k', 'tmpfs', folder]).status === 0;
  return { ...createRequirement(!mounted, 'a small disk can only be mounted by root on Linux', false), folder };
}

test.each([
  [0, false, 'FINISHED'],
  [0, true, 'FAILED'],
  [1, false, 'FAILED'],
  [128, false, 'FAILED'],
  [130, false, 'KILLED'],
  [143, false, 'KILLED'],
  [255, false, 'FAILED'],
])('exit code %i (uncaught error: %s) means %s', (code, sawUncaughtError, status) => {
  expect(toRunStatus(code, sawUncaughtError)).toBe(status);
});
