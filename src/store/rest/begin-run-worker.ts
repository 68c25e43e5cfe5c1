import { steadyMs } from '../../clock.ts';
import { AutologError, type ErrorCode, errorMessage } from '../../errors.ts';
import { resolveHttpTarget } from '../../http/http-target.ts';
import { ServerError } from '../../http/server-error.ts';
import { answerQuestions } from '../asked-thread.ts';
import type { CreateRunRecord } from '../log-record.ts';
import { createRun } from './begin-run.ts';
import { ExperimentIds } from './experiment-ids.ts';
import { isOfRecord } from './refusals.ts';
import { RestApi } from './rest-api.ts';

/** A run to begin. */
export interface BeginRunQuestion {
  readonly uri: string;
  readonly record: CreateRunRecord;
  readonly patienceMs: number;
}

/** The server's id of the run, or why there is none. */
export type BeginRunAnswer =
  | { readonly runId: string }
  | {
      /** Whether the server gave no answer that counts. */
      readonly isUnreachable: boolean;
      readonly code: ErrorCode;
      readonly message: string;
      readonly status?: number | null;
    };

const servers = new Map<string, { readonly api: RestApi; readonly experiments: ExperimentIds }>();

answerQuestions<BeginRunQuestion, BeginRunAnswer>(async ({ uri, record, patienceMs }) => {
  try {
    const { api, experiments } = openServer(uri);
    // Somebody waits: what a moment does not help is left to the delivery.
    const call = { retryUntilMs: steadyMs() + patienceMs, maxRetries: 1 };
    const experimentId = await experiments.resolve(record.experiment, call);
    return { runId: await createRun(api, experimentId, record, call) };
  } catch (error) {
    const code = error instanceof AutologError ? error.code : 'INTERNAL_ERROR';
    const isOfSettings = !(error instanceof ServerError) || error.status === 401 || error.status === 403;
    return {
      isUnreachable: !isOfRecord(error) && !isOfSettings,
      code,
      message: errorMessage(error),
      ...(error instanceof ServerError && { status: error.status }),
    };
  }
});

function openServer(uri: string) {
  const known = servers.get(uri);
  if (known !== undefined) return known;
  const api = new RestApi(resolveHttpTarget(uri));
  const server = { api, experiments: new ExperimentIds(api) };
  servers.set(uri, server);
  return server;
}
