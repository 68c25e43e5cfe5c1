import { setTimeout as sleep } from 'node:timers/promises';
import { AutologError } from '../../errors.ts';
import { ServerError } from '../../http/server-error.ts';
import type { CallOptions, RestApi } from './rest-api.ts';

/** Answers that say something of whoever asks, not of what was sent. */
const NOT_OF_RECORDS = new Set([401, 407, 408, 429]);

/** Pauses before a server that fails on one record is asked again, in milliseconds. */
const PAUSES_MS = [100, 500];

/**
 * Whether an error says that the server does not want what was sent; any other is one of the server, the network or the
 * settings, and what was sent waits for better times.
 */
export function isOfRecord(error: unknown, options: { readonly isFeature?: boolean } = {}): error is AutologError {
  if (!(error instanceof AutologError)) return false;
  if (!(error instanceof ServerError)) return error.code === 'INVALID_PARAMETER_VALUE';
  const { status, code } = error;
  if (code === 'ENDPOINT_NOT_FOUND' || status === 404) return code !== 'ENDPOINT_NOT_FOUND' || !!options.isFeature;
  // MLflow's own refusal; a page that speaks of hosts or origins is of what stands before it.
  if (status === 403) return /permission/i.test(error.message);
  if (code === 'INVALID_STATE') return true;
  return status !== null && status >= 400 && status < 500 && !NOT_OF_RECORDS.has(status);
}

/** Whether an error is about all records of a run: it is not there, or deleted. */
export function isOfWholeRun(error: AutologError): boolean {
  return error.code === 'RESOURCE_DOES_NOT_EXIST' || error.message.includes("must be in the 'active' state");
}

/** What a failure means for what was sent. */
export type Judgement = 'refused' | 'failed' | 'delivered';

/**
 * Finds out what a failure means. A server that answers well otherwise, and fails again and again on what was sent,
 * would do so for ever, and nothing that follows would arrive: it has refused it.
 */
export async function judge(error: unknown, { api, call, again, isFeature }: JudgeOptions): Promise<Judgement> {
  if (!isLostRace(error)) {
    if (isOfRecord(error, { isFeature: isFeature ?? false })) return 'refused';
    if (!isServerFailure(error)) return 'failed';
  }
  for (const pauseMs of PAUSES_MS) {
    await sleep(pauseMs);
    try {
      await again();
      return 'delivered';
    } catch (next) {
      if (!isServerFailure(next) && !isLostRace(next)) throw next;
    }
  }
  // This reads the database: a server whose database is away fails here too.
  const body = { max_results: 1, view_type: 'ACTIVE_ONLY' };
  await api.post('/api/2.0/mlflow/experiments/search', body, { ...call, maxRetries: 0 });
  return 'refused';
}

/** What is needed to judge a failure. */
export interface JudgeOptions {
  readonly api: RestApi;
  readonly call: CallOptions;
  /** Sends the same once more. */
  readonly again: () => Promise<void>;
  /** Whether an old server may not know of what was asked for. */
  readonly isFeature?: boolean | undefined;
}

/** MLflow looks first and inserts then: of two who log the same dataset at once, one breaks the database's constraint. */
function isLostRace(error: unknown): boolean {
  return error instanceof ServerError && error.code === 'BAD_REQUEST' && error.message.includes('IntegrityError');
}

function isServerFailure(error: unknown): error is ServerError {
  return error instanceof ServerError && error.status === 500;
}
