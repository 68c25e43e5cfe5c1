import { AutologError } from '../../errors.ts';
import { ServerError } from '../../http/server-error.ts';
import { sourceUrl } from '../../require-source.ts';
import { AskedThread } from '../asked-thread.ts';
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
  // It must not begin behind our back: nobody would hear of the run.
  thread ??= new AskedThread(sourceUrl('store/rest/begin-run-worker'), { isStoppedWhenLate: true });
  const answer = thread.ask({ uri, record, patienceMs }, patienceMs);
  if (answer === undefined) return undefined;
  if ('runId' in answer) return answer.runId;
  if (answer.isUnreachable) return null;
  throw answer.status === undefined
    ? new AutologError(answer.code, answer.message)
    : new ServerError(answer.code, answer.message, answer.status);
}

let thread: AskedThread<BeginRunQuestion, BeginRunAnswer> | undefined;
