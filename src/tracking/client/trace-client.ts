import type { Page } from '../../entities/page.ts';
import type { Trace, TraceInfo } from '../../entities/trace.ts';
import type { SearchTracesOptions } from '../../store/search-options.ts';
import type { DeleteTracesOptions } from '../../store/trace-store.ts';
import { checkClientSearch, TRACE_SEARCH } from '../fluent/check-search.ts';
import { LoggedModelClient } from './logged-model-client.ts';

/** The client's methods for traces. */
export class TraceClient extends LoggedModelClient {
  async getTrace(traceId: string): Promise<Trace> {
    return (await this.upToDate()).getTrace(traceId);
  }

  /** Traces of experiments without their spans, the newest first. */
  async searchTraces(options: SearchTracesOptions): Promise<Page<TraceInfo>> {
    checkClientSearch(TRACE_SEARCH, options);
    return (await this.upToDate()).searchTraces(options);
  }

  /** Returns how many were deleted. */
  async deleteTraces(experimentId: string, options: DeleteTracesOptions): Promise<number> {
    return (await this.upToDate()).deleteTraces(experimentId, options);
  }

  async setTraceTag(traceId: string, key: string, value: unknown): Promise<void> {
    await (await this.upToDate()).setTraceTag(traceId, key, String(value));
  }

  async deleteTraceTag(traceId: string, key: string): Promise<void> {
    await (await this.upToDate()).deleteTraceTag(traceId, key);
  }

  /** Links at most 100 traces to a run. */
  async linkTracesToRun(traceIds: readonly string[], runId: string): Promise<void> {
    await (await this.upToDate()).linkTracesToRun(traceIds, runId);
  }
}
