import type { Experiment, ExperimentRef } from '../entities/experiment.ts';
import type { Run } from '../entities/run.ts';
import { AutologError } from '../errors.ts';
import { ServerError } from '../http/server-error.ts';
import { sourceUrl } from '../require-source.ts';
import type { StoreAnswer, StoreEnquiry, StoreQuestion } from './ask-store-worker.ts';
import { AskedThread } from './asked-thread.ts';
import { originOf } from './store-uri.ts';
import type { TrackingStore } from './tracking-store.ts';

/**
 * Asks a store on a server for a run, or an experiment, while this thread stands still; an experiment that is named and
 * missing is null, and made with the first record.
 *
 * @throws {AutologError} what the server refuses: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE for what is deleted, or
 * the credentials; TEMPORARILY_UNAVAILABLE when it gives no answer in time.
 */
export function askNow(store: TrackingStore, question: { readonly run: string }, patienceMs: number): Run;
export function askNow(
  store: TrackingStore,
  question: { readonly experiment: ExperimentRef },
  patienceMs: number,
): Experiment | null;
export function askNow(
  store: TrackingStore,
  question: StoreQuestion,
  patienceMs: number,
): Run | Experiment | null {
  const origin = originOf(store);
  if (origin === undefined) throw unavailable(store, 'it is not known how it was opened');
  thread ??= new AskedThread(sourceUrl('store/ask-store-worker'), { isStoppedWhenLate: false });
  const answer = thread.ask({ origin, question, patienceMs }, patienceMs);
  if (answer === undefined) throw unavailable(store, `no answer came within ${patienceMs} ms`);
  if ('found' in answer) return answer.found;
  if (!answer.isRefusal) throw unavailable(store, answer.message.replace(/\.$/, ''));
  throw answer.status === undefined
    ? new AutologError(answer.code, answer.message)
    : new ServerError(answer.code, answer.message, answer.status);
}

let thread: AskedThread<StoreEnquiry, StoreAnswer> | undefined;

function unavailable(store: TrackingStore, reason: string): AutologError {
  return new AutologError('TEMPORARILY_UNAVAILABLE', `Cannot ask ${store.uri}: ${reason}.`);
}
