import { invalidParameter } from '../errors.ts';
import { tellOnce } from '../failures.ts';
import type { LiveSpan } from './live-span.ts';

/** How traces are recorded; what is left out stays as it is. */
export interface TracingOptions {
  /**
   * Look at each span when it ends, before anything of it leaves the process, and may change its inputs, outputs and
   * attributes. Where one throws, the span keeps its name, times and status, and loses its content.
   *
   * @default none
   */
  readonly spanProcessors?: readonly SpanProcessorFunction[];
  /** Share of the traces that are recorded, from 0 to 1; the root decides. @default 1, or MLFLOW_TRACE_SAMPLING_RATIO */
  readonly samplingRatio?: number;
  /**
   * Whether images, audio and the like in inputs and outputs become files of the trace instead of text.
   *
   * @default true, or MLFLOW_TRACE_EXTRACT_ATTACHMENTS
   */
  readonly extractAttachments?: boolean;
  /** Larger ones are left out, with a mark. @default 32 MiB, or MLFLOW_TRACE_MAX_ATTACHMENT_SIZE */
  readonly maxAttachmentBytes?: number;
  /** Characters of the inputs of a span, its outputs or an attribute; what is beyond ends in a mark. @default 1_000_000 */
  readonly maxContentCharacters?: number;
  /**
   * What is done where the program has registered OpenTelemetry: `read` has our traces take the ids of its traces and
   * changes nothing there; `share` makes our spans with its tracer too, so that its exporters get them, its sampler
   * decides which, and its spans within ours are their children; `off` does neither.
   *
   * @default 'read', or 'share' where MLFLOW_USE_DEFAULT_TRACER_PROVIDER is false
   */
  readonly openTelemetry?: 'read' | 'share' | 'off';
  /**
   * Origins, as `https://agent.example.com`, whose requests by `fetch` get the header `traceparent`; a function decides
   * by the origin.
   *
   * @default none
   */
  readonly propagateTo?: readonly string[] | ((origin: string) => boolean);
}

/** Changes a span that ends. */
export type SpanProcessorFunction = (span: LiveSpan) => void;

/** The options in force. */
export type TracingConfig = Required<TracingOptions> & { readonly isEnabled: boolean };

const MIB = 1024 * 1024;

let config: TracingConfig | undefined;

/** The configuration in force. */
export function tracingConfig(): TracingConfig {
  config ??= {
    isEnabled: true,
    spanProcessors: [],
    samplingRatio: numberOf('MLFLOW_TRACE_SAMPLING_RATIO', 1, isRatio, 'a number from 0 to 1'),
    extractAttachments: switchOf('MLFLOW_TRACE_EXTRACT_ATTACHMENTS', true),
    maxAttachmentBytes: numberOf('MLFLOW_TRACE_MAX_ATTACHMENT_SIZE', 32 * MIB, isPositive, 'a number of bytes'),
    maxContentCharacters: 1_000_000,
    openTelemetry: switchOf('MLFLOW_USE_DEFAULT_TRACER_PROVIDER', true) ? 'read' : 'share',
    propagateTo: [],
  };
  return config;
}

/** Replaces parts of the configuration, and returns what puts the former one back. */
export function changeTracing(changes: Partial<TracingConfig>): () => void {
  const former = tracingConfig();
  config = { ...former, ...definedOf(changes) };
  return () => {
    config = former;
  };
}

/** @throws {AutologError} INVALID_PARAMETER_VALUE for options that mean nothing. */
export function checkTracingOptions(options: TracingOptions): void {
  const { spanProcessors = [], samplingRatio = 1, maxAttachmentBytes = 1, maxContentCharacters = 1 } = options;
  if (!Array.isArray(spanProcessors) || spanProcessors.some((each) => typeof each !== 'function')) {
    throw invalidParameter('Cannot configure tracing: spanProcessors must be an array of functions.');
  }
  checkRatio('configure tracing', samplingRatio);
  if (!isPositive(maxAttachmentBytes) || !isPositive(maxContentCharacters)) {
    throw invalidParameter(
      'Cannot configure tracing: maxAttachmentBytes and maxContentCharacters must be positive numbers.',
    );
  }
  if (!['read', 'share', 'off', undefined].includes(options.openTelemetry)) {
    throw invalidParameter(
      `Cannot configure tracing: openTelemetry is '${options.openTelemetry}'; it must be read, share or off.`,
    );
  }
}

/** @throws {AutologError} INVALID_PARAMETER_VALUE for what is no number from 0 to 1. */
export function checkRatio(attempt: string, ratio: unknown): void {
  if (typeof ratio === 'number' && isRatio(ratio)) return;
  throw invalidParameter(`Cannot ${attempt}: samplingRatio is ${String(ratio)}; it must be a number from 0 to 1.`);
}

function isRatio(value: number): boolean {
  return value >= 0 && value <= 1;
}

function isPositive(value: number): boolean {
  return value > 0;
}

function definedOf<T extends object>(changes: T): T {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as T;
}

/** A switch of the environment, in MLflow's words; an empty one counts as unset. */
export function switchOf(variable: string, fallback: boolean): boolean {
  const text = process.env[variable]?.trim().toLowerCase();
  if (text === undefined || text === '') return fallback;
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  tellOnce(`${variable} is '${text}' and must be true or false; ${fallback} is taken`);
  return fallback;
}

function numberOf(variable: string, fallback: number, isFit: (value: number) => boolean, form: string): number {
  const text = process.env[variable]?.trim();
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (isFit(value)) return value;
  tellOnce(`${variable} is '${text}' and must be ${form}; ${fallback} is taken`);
  return fallback;
}
