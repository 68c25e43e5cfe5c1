import { MessageChannel, receiveMessageOnPort, SHARE_ENV, Worker } from 'node:worker_threads';
import { AutologError } from '../../errors.ts';
import { sourceUrl } from '../../require-source.ts';
import { originOf, type StoreOrigin } from '../../store/store-uri.ts';
import type { TrackingStore } from '../../store/tracking-store.ts';
import type { LastDeliveryAnswer, LastDeliveryQuestion } from './last-delivery-worker.ts';
import { keepRejected } from './rejections.ts';

/** Journals that are to be delivered to a store on a server, at the end of the process. */
export interface LastDelivery {
  readonly store: TrackingStore;
  /** Those of this thread: once delivered, they are removed. */
  readonly journalIds: readonly string[];
}

/**
 * Delivers to a server while this thread stands still, as its process ends: another thread does it, and this one sleeps
 * until that one is done or `patienceMs` are over. Nothing of it goes on afterwards.
 *
 * @throws {AutologError} TEMPORARILY_UNAVAILABLE when not everything could be delivered; the journals stay.
 */
export function deliverLast({ store, journalIds }: LastDelivery, patienceMs: number): void {
  const origin = originOf(store);
  if (origin === undefined) throw unavailable(`it is not known how ${store.uri} was opened`);
  store.breakOff?.();
  const answer = ask({ origin, journalFolder: store.journalFolder, journalIds }, patienceMs);
  if (answer === undefined) throw unavailable(`${store.uri} did not answer within ${patienceMs} ms`);
  const rejected = answer.rejected.map(({ record, code, message }) => ({
    record,
    error: new AutologError(code, message),
  }));
  keepRejected(store.journalFolder, rejected);
  if (answer.failure !== undefined) throw unavailable(answer.failure);
}

function ask(
  question: { origin: StoreOrigin; journalFolder: string; journalIds: readonly string[] },
  patienceMs: number,
): LastDeliveryAnswer | undefined {
  const { port1: own, port2: port } = new MessageChannel();
  const bell = new Int32Array(new SharedArrayBuffer(4));
  const workerData: LastDeliveryQuestion = { ...question, patienceMs, bell, port };
  // Hooks and preloads of the program are not for this thread, and its output is not for the program's.
  const worker = new Worker(sourceUrl('tracking/delivery/last-delivery-worker'), {
    workerData,
    transferList: [port],
    env: SHARE_ENV,
    execArgv: [],
    stdout: true,
    stderr: true,
    name: 'autolog',
  });
  worker.unref();
  Atomics.wait(bell, 0, 0, patienceMs);
  return receiveMessageOnPort(own)?.message as LastDeliveryAnswer | undefined;
}

function unavailable(reason: string): AutologError {
  return new AutologError('TEMPORARILY_UNAVAILABLE', `Cannot deliver at the end of the process: ${reason}.`);
}
