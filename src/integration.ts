import './node-version.ts';
import './version.ts';
import './autologging/connect-tracing.ts';

export type {
  ChildSpan,
  ChunkCollector,
  Config,
  IntegrationDefinition,
  ObserveHooks,
  Patch,
  PatchTarget,
  SpanHooks,
  SpanResult,
  TrainingHooks,
  TrainingStart,
} from './autologging/definition.ts';
export { type Autolog, autologgingIntegration } from './autologging/integration.ts';
export type { AutologOptions, CommonConfig } from './autologging/options.ts';
export type { CallFollower, RecordedSpan, RecordedSpanOptions, Recorder } from './autologging/recorder.ts';
export type { IntegrationEntry } from './autologging/registry.ts';
export type { TrainedModel, Training, TrainingNotes } from './autologging/training.ts';
export type { Dataset } from './entities/dataset.ts';
export type { SpanType, TokenUsage } from './entities/trace.ts';
export { AutologError } from './errors.ts';
export type { Call } from './patching/interceptor.ts';
export { AttributeKey } from './tracing/attribute-keys.ts';
