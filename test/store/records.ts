import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { RecordSource, RejectedRecord } from '../../src/store/delivery.ts';
import type {
  CreateRunRecord,
  LogRecord,
  MetricRecord,
  SpanRecord,
  TraceRecord,
} from '../../src/store/log-record.ts';
import { SqliteTrackingStore } from '../../src/store/sql/sqlite-tracking-store.ts';

/** Makes a folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'autolog-store-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens the store of a database file; closed when the test ends. */
export function openStore(file = path.join(temporaryFolder(), 'mlflow.db')): SqliteTrackingStore {
  const folder = path.dirname(file);
  const store = new SqliteTrackingStore({
    uri: `sqlite:///${file}`,
    file,
    artifactRoot: path.join(folder, 'mlruns'),
    journalFolder: path.join(folder, '.autolog', path.basename(file)),
  });
  onTestFinished(() => store.close());
  return store;
}

/** A journal of these records, read in chunks; a position is the number of records before it. */
export function journalOf(records: readonly LogRecord[], id = 'journal', chunkSize = 100): RecordSource {
  return {
    id,
    read: (position) => {
      const end = Math.min(records.length, position + chunkSize);
      return { records: records.slice(position, end), end };
    },
  };
}

/** Delivers records as a journal of their own, and returns what was refused as "code: message". */
export function deliver(store: SqliteTrackingStore, ...records: readonly LogRecord[]): string[] {
  journalCount += 1;
  const rejected: readonly RejectedRecord[] = store.deliver(journalOf(records, `journal-${journalCount}`));
  return rejected.map(({ error }) => `${error.code}: ${error.message}`);
}

let journalCount = 0;

/** Id of the run that the records below belong to. */
export const RUN = 'a'.repeat(32);

/** Id of the trace that the records below belong to. */
export const TRACE = `tr-${'ab'.repeat(16)}`;

/** Begins a run in the experiment "demo". */
export function createRun(changes: Partial<CreateRunRecord> = {}): CreateRunRecord {
  const tags = { 'mlflow.user': 'ada' };
  const experiment = { name: 'demo' };
  return {
    op: 'createRun',
    runId: RUN,
    experiment,
    name: 'calm-owl-7',
    userId: 'ada',
    startTime: 1000,
    tags,
    ...changes,
  };
}

/** Adds a point to the metric "loss". */
export function metric(
  step: number,
  value: MetricRecord['value'],
  changes: Partial<MetricRecord> = {},
): MetricRecord {
  return { op: 'metric', runId: RUN, key: 'loss', value, timestamp: 2000 + step, step, ...changes };
}

/** A root span of a chat model. */
export function span(changes: Partial<SpanRecord> = {}): SpanRecord {
  return {
    op: 'span',
    experiment: { name: 'demo' },
    traceId: TRACE,
    spanId: 'cd'.repeat(8),
    parentSpanId: null,
    name: 'chat',
    startTimeUnixNano: '1700000000123456789',
    endTimeUnixNano: '1700000001123456790',
    status: { code: 'OK', message: '' },
    attributes: {
      'mlflow.spanType': 'CHAT_MODEL',
      'mlflow.spanInputs': { messages: [{ role: 'user', content: 'größe "x"' }] },
      'mlflow.llm.model': 'gpt-4o',
    },
    events: [{ name: 'first token', timeUnixNano: '1700000000123456791', attributes: { index: 0 } }],
    ...changes,
  };
}

/** The trace of that span. */
export function trace(changes: Partial<TraceRecord> = {}): TraceRecord {
  return {
    op: 'trace',
    experiment: { name: 'demo' },
    traceId: TRACE,
    requestTime: 1_700_000_000_123,
    executionDuration: 1000,
    state: 'OK',
    requestPreview: 'hi',
    responsePreview: 'hello',
    metadata: {
      'mlflow.trace.session': 's-1',
      'mlflow.trace.tokenUsage': '{"input_tokens": 3, "total_tokens": 5}',
    },
    tags: { 'mlflow.traceName': 'chat', team: 'blue' },
    ...changes,
  };
}
