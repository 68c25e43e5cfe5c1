import type { Trace, TraceInfo } from '../../entities/trace.ts';
import type { DeleteTracesOptions } from '../../store/trace-store.ts';
import { allPages } from '../all-pages.ts';
import { MlflowClient } from '../client.ts';
import { currentExperimentId } from '../current-experiment-id.ts';
import { checkSearch, TRACE_SEARCH } from './check-search.ts';

/** Which traces are read. */
export interface SearchTracesFluentOptions {
  /** Ids of experiments. @default the experiment in force */
  readonly experimentIds?: readonly string[];
  /** In MLflow's grammar, as `tags.fruit = 'apple' AND status = 'OK'`. @default everything */
  readonly filter?: string;
  /** @default `['timestamp_ms DESC']` */
  readonly orderBy?: readonly string[];
  /** At most so many. @default all */
  readonly maxResults?: number;
}

/** Traces per page. */
const PAGE_SIZE = 500;

/**
 * Reads a trace with its spans, also one of which only a part is there so far.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown one.
 */
export async function getTrace(traceId: string): Promise<Trace> {
  return new MlflowClient().getTrace(traceId);
}

/**
 * Lists traces, without their spans.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a filter or an order that cannot be understood.
 */
export async function searchTraces(options: SearchTracesFluentOptions = {}): Promise<readonly TraceInfo[]> {
  checkSearch(TRACE_SEARCH, options);
  const { experimentIds = [await currentExperimentId()], maxResults, ...rest } = options;
  const client = new MlflowClient();
  const pageSize = Math.min(PAGE_SIZE, maxResults ?? PAGE_SIZE);
  return allPages(
    (pageToken) => client.searchTraces({ ...rest, experimentIds, maxResults: pageSize, pageToken }),
    maxResults,
  );
}

/** Deletes traces of an experiment, and returns how many there were. */
export async function deleteTraces(experimentId: string, options: DeleteTracesOptions): Promise<number> {
  return new MlflowClient().deleteTraces(experimentId, options);
}

/**
 * Sets a tag of a trace that is stored; `updateCurrentTrace` sets those of the one under way.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown trace.
 */
export async function setTraceTag(traceId: string, key: string, value: unknown): Promise<void> {
  await new MlflowClient().setTraceTag(traceId, key, value);
}

/** @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown trace or tag. */
export async function deleteTraceTag(traceId: string, key: string): Promise<void> {
  await new MlflowClient().deleteTraceTag(traceId, key);
}
