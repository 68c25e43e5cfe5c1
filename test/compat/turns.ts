import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { flush, setExperiment, setTrackingUri } from '../../src/index.ts';
import { resolveTrackingStore } from '../../src/store/store-uri.ts';
import { journalOf, span, trace } from '../store/records.ts';
import type { toModelWords, toRunWords, toTraceWords } from './mlflow-words.ts';
import { runPython, toPythonUri } from './python.ts';
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

/** A database to log into in turns: one that we make, and one that MLflow makes. */
export interface TurnUris {
  readonly ours: string;
  readonly theirs: string;
}

/**
 * Logs into databases in turns: into each that we make and MLflow upgrades (we, Python, we), and into each that MLflow
 * makes (Python, we). Python's processes serve all, because they take their time to start.
 */
export async function takeTurns<Name extends string>(
  databases: Readonly<Record<Name, TurnUris>>,
): Promise<Readonly<Record<Name, Readonly<Record<keyof TurnUris, Turns>>>>> {
  const names = Object.keys(databases) as Name[];
  const uris = names.flatMap((name) => [databases[name].ours, databases[name].theirs]);
  const before = new Map<string, OwnLog>();
  for (const name of names) before.set(databases[name].ours, await logOwn(databases[name].ours, 1));
  const python = await runPython<PythonLog[]>('write_run.py', 'both', ...uris.map(toPythonUri));
  const own = new Map<string, readonly OwnLog[]>();
  for (const uri of uris) {
    const first = before.get(uri);
    own.set(uri, first ? [first, await logOwn(uri, 2)] : [await logOwn(uri, 1)]);
  }
  const orders = uris.map((uri) =>
    JSON.stringify({ uri: toPythonUri(uri), searches: searches(own.get(uri) ?? []) }),
  );
  const found = await runPython<PythonDatabase[]>('read_database.py', ...orders);
  const turnsOf = (uri: string): Turns => {
    const at = uris.indexOf(uri);
    return {
      uri,
      own: own.get(uri) ?? [],
      python: python[at] as PythonLog,
      database: found[at] as PythonDatabase,
    };
  };
  const entries = names.map((name) => [
    name,
    { ours: turnsOf(databases[name].ours), theirs: turnsOf(databases[name].theirs) },
  ]);
  return Object.fromEntries(entries);
}

async function logOwn(uri: string, rank: number): Promise<OwnLog> {
  setTrackingUri(uri);
  setExperiment('both');
  const log = await writeRun(rank);
  await flush();
  return { ...log, sessionId: await deliverSession(uri, rank) };
}

/** Stores a trace of a session as a record, with the session's id among its metadata. */
async function deliverSession(uri: string, rank: number): Promise<string> {
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
  expect(await resolveTrackingStore(uri).deliver(journalOf(records, `session-${rank}`))).toEqual([]);
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
