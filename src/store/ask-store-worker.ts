import type { Experiment, ExperimentRef } from '../entities/experiment.ts';
import type { Run } from '../entities/run.ts';
import { AutologError, type ErrorCode, errorMessage, invalidParameter } from '../errors.ts';
import { ServerError } from '../http/server-error.ts';
import { answerQuestions } from './asked-thread.ts';
import { isStoreError } from './sql/store-error.ts';
import { resolveTrackingStore, type StoreOrigin } from './store-uri.ts';

/** What a store is asked for. */
export type StoreQuestion = { readonly run: string } | { readonly experiment: ExperimentRef };

/** A question to the store of an origin. */
export interface StoreEnquiry {
  readonly origin: StoreOrigin;
  readonly question: StoreQuestion;
  readonly patienceMs: number;
}

/** What was asked for, or why there is none. */
export type StoreAnswer =
  | { readonly found: Run | Experiment | null }
  | {
      /** Whether the server has said no, and not failed to answer. */
      readonly isRefusal: boolean;
      readonly code: ErrorCode;
      readonly message: string;
      readonly status?: number | null;
    };

/** After this time nothing is tried again: somebody waits, and the delivery tries for longer. */
const RETRY_MS = 1_000;

answerQuestions<StoreEnquiry, StoreAnswer>(async ({ origin, question, patienceMs }) => {
  try {
    const options = { patienceMs: Math.min(patienceMs, RETRY_MS) };
    const { checkSoon } = resolveTrackingStore(origin.uri, origin);
    if (checkSoon === undefined) throw invalidParameter(`Cannot ask ${origin.uri} here: it is no server.`);
    const found =
      'run' in question
        ? await checkSoon.run(question.run, options)
        : await checkSoon.experiment(question.experiment, options);
    return { found };
  } catch (error) {
    return {
      isRefusal: isRefusal(error),
      code: error instanceof AutologError ? error.code : 'INTERNAL_ERROR',
      message: errorMessage(error),
      ...(error instanceof ServerError && { status: error.status }),
    };
  }
});

/** A database that is missing, or refuses the password, does not speak of what was asked for. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof AutologError) || isStoreError(error)) return false;
  if (error instanceof ServerError && (error.status === 401 || error.status === 403)) return true;
  return error.code === 'RESOURCE_DOES_NOT_EXIST' || error.code === 'INVALID_PARAMETER_VALUE';
}
