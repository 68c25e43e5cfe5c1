import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MlflowClient } from '../../src/tracking/client.ts';
import { createRunRecord, metricRecord, RUN_ID } from '../tracking/temporary-store.ts';
import { makeProject, runCommand } from './doctor-setup.ts';

/** Leaves a journal of a process that has ended, or of one that lives. */
function leaveJournal(folder: string, pid: number): string {
  const journals = path.join(folder, '.autolog', 'mlflow.db');
  fs.mkdirSync(journals, { recursive: true });
  const host = fs
    .readFileSync('/proc/sys/kernel/hostname', 'utf8')
    .trim()
    .replaceAll(/[^\w.-]/g, '_');
  const file = path.join(journals, `${host}-${pid}-0-0123456789ab.jsonl`);
  fs.writeFileSync(file, [createRunRecord(), metricRecord(7)].map((it) => `${JSON.stringify(it)}\n`).join(''));
  return file;
}

describe.skipIf(process.platform !== 'linux')('autolog sync', () => {
  it('delivers what a program that has ended left, and says so', async () => {
    const folder = makeProject();
    const file = leaveJournal(folder, spawnSync(process.execPath, ['-e', '']).pid);
    const { exitCode, stdout } = await runCommand(folder, ['sync']);
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringMatching(/^Delivered to sqlite:.*: 1 journal \(\d+ bytes; 1 of programs that have ended\)/),
    ]);
    expect(fs.existsSync(file)).toBe(false);
    const run = await new MlflowClient(`sqlite:///${path.join(folder, 'mlflow.db')}`).getRun(RUN_ID);
    expect([run.info.status, run.metrics.m?.step]).toEqual(['KILLED', 7]);
  });

  it('delivers what a program that runs has logged, and leaves its journal and its run to it', async () => {
    const folder = makeProject();
    const file = leaveJournal(folder, process.pid);
    const { exitCode, stdout } = await runCommand(folder, ['sync', '--json']);
    expect([exitCode, JSON.parse(stdout)]).toEqual([
      0,
      expect.objectContaining({ journals: 1, abandoned: 0, refused: 0, failure: null }),
    ]);
    expect(fs.existsSync(file)).toBe(true);
    const client = new MlflowClient(`sqlite:///${path.join(folder, 'mlflow.db')}`);
    expect((await client.getRun(RUN_ID)).info.status).toBe('RUNNING');
    fs.rmSync(file);
  });

  it('says that nothing waits, and makes no database for it', async () => {
    const folder = makeProject();
    const { exitCode, stdout } = await runCommand(folder, ['sync']);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^Nothing waits for sqlite:/)]);
    expect(fs.existsSync(path.join(folder, 'mlflow.db'))).toBe(false);
  });

  it('says why something is left, where it lies, and ends with 1', async () => {
    const folder = makeProject();
    const file = leaveJournal(folder, spawnSync(process.execPath, ['-e', '']).pid);
    fs.mkdirSync(path.join(folder, 'mlflow.db'));
    const { exitCode, stdout } = await runCommand(folder, ['sync']);
    expect([exitCode, stdout]).toEqual([
      1,
      expect.stringMatching(/^Not everything was delivered to .*\nIt stays in .*mlflow\.db/),
    ]);
    expect(fs.existsSync(file)).toBe(true);
  });
});
