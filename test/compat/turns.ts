import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { expect } from 'vitest';
import { flush, setExperiment, setTrackingUri } from '../../src/index.ts';
import { resolveTrackingStore } from '../../src/store/store-uri.ts';
import { journalOf, span, trace } from '../store/records.ts';
import type { toModelWords, toRunWords, toTraceWords } from './mlflow-words.ts';
import { runPython, toUri } from './python.ts';
import type { PythonDatabase } from './python-entities.ts';
import { type RunLog, writeRun } from './write-run.ts';

/** What `python/write_run.py` prints of each database. */
export interface PythonLog {
  readonly experiment_id: string;
  readonly run: ReturnType<typeof toRunWords>;
  readonly model: ReturnType<typeof toModelWords>;
  readonly traces: readonly ReturnType<typeof toTraceWords>[];
}

/** What we have logged in one turn. */
export interface OwnLog extends RunLog {
  /** A trace of a session. */
  readonly sessionId: string;
}

/** What was logged into a database in turns, and what MLflow reads there at last. */
export interface Turns {
  readonly uri: string;
  readonly own: readonly OwnLog[];
  readonly python: PythonLog;
  readonly database: PythonDatabase;
}

/**
 * Logs into two databases in turns: one that we make and MLflow upgrades (we, Python, we), and one that MLflow makes
 * (Python, we). Python's processes serve both, because they take their time to start.
 */
export async function takeTurns(): Promise<{ readonly ours: Turns; readonly theirs: Turns }> {
  const uris = [toUri(path.resolve('ours.db')), toUri(path.resolve('theirs.db'))] as const;
  const before = await logOwn(uris[0], 1);
  const python = await runPython<[PythonLog, PythonLog]>('write_run.py', 'both', ...uris);
  const own = [[before, await logOwn(uris[0], 2)], [await logOwn(uris[1], 1)]] as const;
  const orders = uris.map((uri, at) => JSON.stringify({ uri, searches: searches(own[at] ?? []) }));
  const databases = await runPython<[PythonDatabase, PythonDatabase]>('read_database.py', ...orders);
  return {
    ours: { uri: uris[0], own: own[0], python: python[0], database: databases[0] },
    theirs: { uri: uris[1], own: own[1], python: python[1], database: databases[1] },
  };
}

async function logOwn(uri: string, rank: number): Promise<OwnLog> {
  setTrackingUri(uri);
  setExperiment('both');
  const log = await writeRun(rank);
  await flush();
  return { ...log, sessionId: deliverSession(uri, rank) };
}

/** Stores a trace of a session as a record, with the session's id among its metadata. */
function deliverSession(uri: string, rank: number): string {
  const traceId = `tr-${randomBytes(16).toString('hex')}`;
  const common = { experiment: { name: 'both' }, traceId };
  const records = [
    span({ ...common, name: 'talk' }),
    trace({
      ...common,
      requestTime: 1_700_000_000_000 + rank,
      metadata: { ...trace().metadata, 'mlflow.trace.session': 's-ours' },
      tags: { 'mlflow.traceName': 'talk' },
    }),
  ];
  expect(resolveTrackingStore(uri).deliver(journalOf(records, `session-${rank}`))).toEqual([]);
  return traceId;
}

function searches(own: readonly RunLog[]) {
  const rising = ['start_time ASC'];
  const order_by = ['timestamp_ms ASC'];
  const last = own.at(-1)?.runId;
  return {
    'runs by param and metric': { of: 'runs', filter: "params.x = 'y' and metrics.m > 0", order_by: rising },
    'runs by metric, falling': { of: 'runs', filter: 'metrics.m > 0', order_by: ['metrics.m DESC'] },
    'runs by tag and status': {
      of: 'runs',
      filter: "tags.kind = 'ours' and status = 'FINISHED'",
      order_by: rising,
    },
    'runs by dataset': { of: 'runs', filter: "dataset.name = 'numbers'", order_by: rising },
    'traces by name': { of: 'traces', filter: "trace.name = 'ask'", order_by },
    'traces by name, latest first': {
      of: 'traces',
      filter: "trace.name = 'ask'",
      order_by: ['timestamp_ms DESC'],
    },
    'traces by state': { of: 'traces', filter: "trace.status = 'ERROR' and trace.name = 'break'", order_by },
    'traces by run': { of: 'traces', filter: `trace.run_id = '${last}'`, order_by },
    'traces by session': { of: 'traces', filter: "metadata.`mlflow.trace.session` = 's-ours'", order_by },
    'traces by session of a span': {
      of: 'traces',
      filter: "metadata.`mlflow.trace.session` = 'talk-1'",
      order_by,
    },
    'traces by user of a span': {
      of: 'traces',
      filter: "metadata.`mlflow.trace.user` = 'ada' and trace.name = 'ask'",
      order_by,
    },
    'traces by type of span': {
      of: 'traces',
      filter: "span.type = 'CHAT_MODEL' and trace.name = 'ask'",
      order_by,
    },
    'traces by text': { of: 'traces', filter: "trace.text ILIKE '%which tulip%'", order_by },
    // RLIKE sees how the text of a span is spaced and escaped.
    'traces by attribute': {
      of: 'traces',
      filter: "span.attributes.`mlflow.llm.model` RLIKE '^flower-2$'",
      order_by,
    },
  };
}
