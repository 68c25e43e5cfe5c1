import { MessageChannel, receiveMessageOnPort, SHARE_ENV, Worker } from 'node:worker_threads';
import { AutologError } from '../../errors.ts';
import { ServerError } from '../../http/server-error.ts';
import { sourceUrl } from '../../require-source.ts';
import type { CreateRunRecord } from '../log-record.ts';
import type { BeginRunAnswer, BeginRunQuestion } from './begin-run-worker.ts';

/** Time to wait where the caller gives none, in milliseconds. */
const PATIENCE_MS = 5000;

/** A run that is to begin on a server. */
export interface BeginRunNowOptions {
  /** As the user gave it: the worker authenticates by itself. */
  readonly uri: string;
  readonly record: CreateRunRecord;
  readonly patienceMs?: number | undefined;
}

/** What came of the wait: the server's id, or null where it was not to be reached; undefined when time was up. */
export type BeginRunNowResult = string | null | undefined;

/**
 * Begins a run on a server while this thread stands still: another thread asks, and this one sleeps until it has the
 * answer.
 *
 * @throws {AutologError} what the server refuses.
 */
export function beginRunNow({ uri, record, patienceMs = PATIENCE_MS }: BeginRunNowOptions): BeginRunNowResult {
  const worker = openWorker();
  const { port1: own, port2: theirs } = new MessageChannel();
  const bell = new Int32Array(new SharedArrayBuffer(4));
  const question: BeginRunQuestion = { uri, record, patienceMs, bell, port: theirs };
  try {
    worker.postMessage(question, [theirs]);
    Atomics.wait(bell, 0, 0, patienceMs);
    const answer = receiveMessageOnPort(own)?.message as BeginRunAnswer | undefined;
    if (answer === undefined) {
      // It must not go on behind our back: nobody would hear of the run.
      closeWorker();
      return undefined;
    }
    if ('runId' in answer) return answer.runId;
    if (answer.isUnreachable) return null;
    throw answer.status === undefined
      ? new AutologError(answer.code, answer.message)
      : new ServerError(answer.code, answer.message, answer.status);
  } finally {
    own.close();
  }
}

let open: Worker | undefined;

function openWorker(): Worker {
  if (open !== undefined) return open;
  // Hooks and preloads of the program are not for this thread; credentials may change while it lives.
  open = new Worker(sourceUrl('store/rest/begin-run-worker'), { execArgv: [], env: SHARE_ENV, name: 'autolog' });
  open.unref();
  const forget = () => {
    open = undefined;
  };
  open.once('error', forget);
  open.once('exit', forget);
  return open;
}

function closeWorker(): void {
  open?.terminate();
  open = undefined;
}
