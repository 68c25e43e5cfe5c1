import fs from 'node:fs';
import path from 'node:path';
import type { LogRecord } from '../../src/store/log-record.ts';
import { SqliteTrackingStore } from '../../src/store/sql/sqlite-tracking-store.ts';

export const RUN_ID = '1'.repeat(32);

export function temporaryFolder(): string {
  return fs.mkdtempSync(path.join(process.cwd(), 'test-'));
}

/** A store of its own connection, whose journals lie where the test wants them. */
export function openStore(folder: string, journalFolder = path.join(folder, 'journals')): SqliteTrackingStore {
  const file = path.join(folder, 'mlflow.db');
  return new SqliteTrackingStore({
    uri: `sqlite:///${file}`,
    file,
    artifactRoot: path.join(folder, 'mlruns'),
    journalFolder,
  });
}

export function createRunRecord(runId = RUN_ID): LogRecord {
  return { op: 'createRun', runId, experiment: { id: '0' }, name: 'a', userId: 'u', startTime: 1000, tags: {} };
}

export function metricRecord(step: number, runId = RUN_ID): LogRecord {
  return { op: 'metric', runId, key: 'm', value: step / 3, timestamp: 2000 + step, step };
}
