import './node-version.ts';
import './version.ts';
import './autologging/connect-tracing.ts';
import { integrations } from '../integrations/index.ts';
import { registerEntry } from './autologging/registry.ts';

for (const entry of integrations) registerEntry(entry);

export { autolog } from './autologging/autolog.ts';
export { type AutologgingEventLogger, type CallEvent, setEventLogger } from './autologging/event-logger.ts';
export { flush, shutdown } from './autologging/flush.ts';
export type { AutologOptions, UniversalOptions } from './autologging/options.ts';
export { resetIntegrations as resetAutolog } from './autologging/registry.ts';
export { withoutAutolog } from './autologging/session.ts';
export type { Assessment, AssessmentError, AssessmentKind, AssessmentSource } from './entities/assessment.ts';
export type { Dataset, DatasetInput } from './entities/dataset.ts';
export type { Experiment, ExperimentRef, LifecycleStage } from './entities/experiment.ts';
export type { LoggedModel, LoggedModelStatus } from './entities/logged-model.ts';
export type { Metric } from './entities/metric.ts';
export type { Page } from './entities/page.ts';
export type { ModelInput, ModelOutput, Run, RunInfo, RunStatus } from './entities/run.ts';
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
export { Attachment, type AttachmentOptions } from './tracing/attachment.ts';
export { configureTracing, disableTracing, enableTracing, isTracingEnabled } from './tracing/configure-tracing.ts';
export { type UpdateCurrentTraceOptions, updateCurrentTrace } from './tracing/current-trace.ts';
export { lastActiveTraceId } from './tracing/last-trace.ts';
export type { LiveSpan, SpanEnd, SpanOptions } from './tracing/live-span.ts';
export { exportCounts } from './tracing/otlp/otlp-export.ts';
export { createSpanProcessor, type SpanProcessorOptions } from './tracing/span-processor.ts';
export {
  type ExtractTraceContextOptions,
  extractTraceContext,
  injectTraceContext,
  traceContextHeaders,
} from './tracing/trace-context.ts';
export { type TraceDecorator, type TraceOptions, trace } from './tracing/trace-function.ts';
export { activeSpan, startManualSpan as startSpan, withSpan } from './tracing/tracer.ts';
export type { SpanProcessorFunction, TracingOptions } from './tracing/tracing-config.ts';
export type { CreateLoggedModelOptions } from './tracking/client/logged-model-client.ts';
export type { CreateRunOptions, UpdateRunOptions } from './tracking/client/run-client.ts';
export type { LogBatch } from './tracking/client/run-log-client.ts';
export { MlflowClient } from './tracking/client.ts';
export {
  getArtifactUri,
  loadTable,
  logArtifact,
  logArtifacts,
  logDict,
  logFigure,
  logImage,
  logStream,
  logTable,
  logText,
} from './tracking/fluent/artifacts.ts';
export {
  type AssessmentOptions,
  type AssessmentToLog,
  deleteAssessment,
  type ExpectationOptions,
  type FeedbackOptions,
  getAssessment,
  logAssessment,
  logExpectation,
  logFeedback,
  type OverrideFeedbackOptions,
  overrideFeedback,
  updateAssessment,
} from './tracking/fluent/assessments.ts';
export {
  createExperiment,
  deleteExperiment,
  deleteExperimentTag,
  getExperiment,
  getExperimentByName,
  restoreExperiment,
  searchExperiments,
  setExperimentTag,
  setExperimentTags,
} from './tracking/fluent/experiments.ts';
export {
  deleteTag,
  type LogMetricToRunOptions,
  logInput,
  logInputs,
  logMetric,
  logMetrics,
  logOutputs,
  logParam,
  logParams,
  setTag,
  setTags,
} from './tracking/fluent/log.ts';
export {
  createExternalModel,
  deleteLoggedModelTag,
  finalizeLoggedModel,
  getLoggedModel,
  type InitializeLoggedModelOptions,
  initializeLoggedModel,
  lastLoggedModel,
  logModelParams,
  type SearchLoggedModelsOptions,
  searchLoggedModels,
  setLoggedModelTags,
} from './tracking/fluent/logged-models.ts';
export { getModelInfo, logModel } from './tracking/fluent/models.ts';
export type { RunRow } from './tracking/fluent/run-rows.ts';
export { endRun, startRun, withRun } from './tracking/fluent/runs.ts';
export { type ActiveModelOptions, clearActiveModel, setActiveModel } from './tracking/fluent/set-active-model.ts';
export {
  deleteRun,
  getParentRun,
  getRun,
  restoreRun,
  type SearchRunsOptions,
  searchRuns,
} from './tracking/fluent/stored-runs.ts';
export {
  deleteTraces,
  deleteTraceTag,
  getTrace,
  type SearchTracesFluentOptions,
  searchTraces,
  setTraceTag,
} from './tracking/fluent/traces.ts';
export type { Figure } from './tracking/run-files/figure.ts';
export type { LoadTableOptions } from './tracking/run-files/load-table.ts';
export type { ImageSeriesOptions, ImageSource } from './tracking/run-files/log-image.ts';
export type { ByteSource } from './tracking/run-files/log-stream.ts';
export type { Pixels } from './tracking/run-files/pixels.ts';
export type { TableData, TableRow } from './tracking/run-files/table.ts';
export { getActiveModelId } from './tracking/runs/active-model.ts';
export type { ActiveRun, DatasetToLog } from './tracking/runs/active-run.ts';
export type { StartRunOptions } from './tracking/runs/begin-run.ts';
export type { ArtifactRunOptions } from './tracking/runs/files-of-run.ts';
export type { DatasetDescription, LogInputOptions, LogMetricOptions } from './tracking/runs/records.ts';
export { activeRun, lastActiveRun } from './tracking/runs/run-context.ts';
export { getTrackingUri, isTrackingUriSet, setExperiment, setTrackingUri } from './tracking/settings.ts';
export {
  disableSystemMetricsLogging,
  enableSystemMetricsLogging,
  setSystemMetricsNodeId,
  setSystemMetricsSamplesBeforeLogging,
  setSystemMetricsSamplingInterval,
} from './tracking/system-metrics/settings.ts';
export { VERSION } from './version.ts';
