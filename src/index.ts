import './node-version.ts';
import './version.ts';
import './autologging/connect-tracing.ts';
import { integrations } from '../integrations/index.ts';
import { registerEntry } from './autologging/registry.ts';

for (const entry of integrations) registerEntry(entry);

export { autolog } from './autologging/autolog.ts';
export { type AutologgingEventLogger, type CallEvent, setEventLogger } from './autologging/event-logger.ts';
export type { AutologOptions, UniversalOptions } from './autologging/options.ts';
export { resetIntegrations as resetAutolog } from './autologging/registry.ts';
export { withoutAutolog } from './autologging/session.ts';
export type { Dataset, DatasetInput } from './entities/dataset.ts';
export type { Experiment, ExperimentRef, LifecycleStage } from './entities/experiment.ts';
export type { LoggedModel, LoggedModelStatus } from './entities/logged-model.ts';
export type { Metric } from './entities/metric.ts';
export type { Run, RunInfo, RunStatus } from './entities/run.ts';
export type {
  Span,
  SpanEvent,
  SpanStatus,
  SpanType,
  TokenUsage,
  Trace,
  TraceInfo,
  TraceState,
} from './entities/trace.ts';
export { AutologError, type ErrorCode } from './errors.ts';
export { failureCounts } from './failures.ts';
export type { LiveSpan, SpanEnd, SpanOptions } from './tracing/live-span.ts';
export { activeSpan, withSpan } from './tracing/tracer.ts';
export type { ActiveRun } from './tracking/active-run.ts';
export { MlflowClient } from './tracking/client.ts';
export { logArtifact, logArtifacts, logDict, logText } from './tracking/fluent-artifacts.ts';
export {
  deleteTag,
  logInput,
  logMetric,
  logMetrics,
  logParam,
  logParams,
  setTag,
  setTags,
} from './tracking/fluent-log.ts';
export { getModelInfo, logModel } from './tracking/fluent-models.ts';
export { endRun, type StartRunOptions, startRun, withRun } from './tracking/fluent-runs.ts';
export { activeRun, lastActiveRun } from './tracking/run-context.ts';
export { getTrackingUri, setExperiment, setTrackingUri } from './tracking/settings.ts';
export { flush, shutdown } from './tracking/writers.ts';
export { VERSION } from './version.ts';
