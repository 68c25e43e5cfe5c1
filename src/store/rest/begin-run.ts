import type { CreateRunRecord } from '../log-record.ts';
import type { DeliveryContext } from './delivery-context.ts';
import type { CallOptions, RestApi } from './rest-api.ts';
import { searchRuns } from './runs.ts';
import { toPairs } from './wire/pairs.ts';
import { CLIENT_ID_TAG, parseRun, type WireRun } from './wire/run.ts';

/** Tag of a run that names the run above it. */
export const PARENT_TAG = 'mlflow.parentRunId';

/** Begins a run on the server, unless it was begun there already. */
export async function beginRun(record: CreateRunRecord, context: DeliveryContext): Promise<void> {
  const { ids, api, call } = context;
  const known = ids.find(record.runId);
  // `beginRunNow` has begun it: the record comes under the server's id, or the client's.
  if (typeof known === 'string' || ids.isServerId(record.runId)) return;
  const experimentId = await context.experimentId(record.experiment);
  const wasTried = known === null || context.isAgain;
  const find = () => context.send(() => findRun(api, experimentId, record.runId, call));
  let found = wasTried ? await find() : undefined;
  if (wasTried && found === undefined) {
    await context.lateArrivals();
    found = await find();
  }
  const parent = record.tags[PARENT_TAG];
  const tags =
    parent === undefined ? record.tags : { ...record.tags, [PARENT_TAG]: await context.toServer(parent) };
  const begin = () => context.send(() => createRun(api, experimentId, { ...record, tags }, call));
  ids.note(record.runId, found ?? (await ids.noteIfUnsure(record.runId, begin)));
}

/** Creates a run that can be found again by the id of its record; returns the id that the server gives. */
export async function createRun(
  api: RestApi,
  experimentId: string,
  record: CreateRunRecord,
  call?: CallOptions,
): Promise<string> {
  const body = {
    experiment_id: experimentId,
    user_id: record.userId,
    run_name: record.name,
    start_time: record.startTime,
    tags: toPairs({ ...record.tags, [CLIENT_ID_TAG]: record.runId }),
  };
  const answer = await api.post<{ run: WireRun }>('/api/2.0/mlflow/runs/create', body, {
    ...call,
    isIdempotent: false,
  });
  return parseRun(answer.run).info.runId;
}

/** The server's id of a run that was begun under a client's id. */
export async function findRun(
  api: RestApi,
  experimentId: string,
  clientId: string,
  call?: CallOptions,
): Promise<string | undefined> {
  const filter = `tags.\`${CLIENT_ID_TAG}\` = '${clientId}'`;
  const options = { experimentIds: [experimentId], filter, maxResults: 1, viewType: 'ALL' } as const;
  const { items } = await searchRuns(api, options, call);
  return items[0]?.info.runId;
}
