import type { Assessment } from './assessment.ts';

/** State of a trace as a whole. */
export type TraceState = 'STATE_UNSPECIFIED' | 'OK' | 'ERROR' | 'IN_PROGRESS';

/** MLflow's span types; any other string is allowed. */
export type SpanType =
  | 'LLM'
  | 'CHAT_MODEL'
  | 'CHAIN'
  | 'AGENT'
  | 'TOOL'
  | 'RETRIEVER'
  | 'EMBEDDING'
  | 'PARSER'
  | 'RERANKER'
  | 'MEMORY'
  | 'UNKNOWN'
  | (string & {});

/** Outcome of a span, in OpenTelemetry's codes. */
export interface SpanStatus {
  readonly code: 'UNSET' | 'OK' | 'ERROR';
  readonly message: string;
}

/** Something that happened at one moment of a span. */
export interface SpanEvent {
  readonly name: string;
  /** Nanoseconds since the Unix epoch. */
  readonly timeUnixNano: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A span of another trace, or of this one, that led to a span without being its parent. */
export interface SpanLink {
  /** `tr-` and 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A finished piece of work within a trace. */
export interface Span {
  /** `tr-` and 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  /** Nanoseconds since the Unix epoch. */
  readonly startTimeUnixNano: bigint;
  /** Nanoseconds since the Unix epoch. */
  readonly endTimeUnixNano: bigint;
  readonly status: SpanStatus;
  /** Keys as MLflow's (`mlflow.spanInputs`, `mlflow.spanType`, …), values plain JSON data. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
}

/** Tokens of a model call, under MLflow's keys; the cached and reasoning parts are contained in input and output. */
export interface TokenUsage {
  readonly input_tokens?: number;
  readonly output_tokens?: number;
  readonly total_tokens?: number;
  readonly cache_read_input_tokens?: number;
  readonly cache_creation_input_tokens?: number;
  readonly reasoning_output_tokens?: number;
}

/** What is known of a trace as a whole; the spans are stored beside it. */
export interface TraceInfo {
  /** `tr-` and 32 hexadecimal digits. */
  readonly traceId: string;
  readonly experimentId: string;
  /** Milliseconds since the Unix epoch. */
  readonly requestTime: number;
  /** Milliseconds; null while the trace goes on. */
  readonly executionDuration: number | null;
  readonly state: TraceState;
  /** At most 1000 characters. */
  readonly requestPreview: string | null;
  /** At most 1000 characters. */
  readonly responsePreview: string | null;
  readonly clientRequestId: string | null;
  /** Written once: schema version, source run, session, user, token usage. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly assessments: readonly Assessment[];
}

/** A trace with its spans, in order of their start. */
export interface Trace {
  readonly info: TraceInfo;
  readonly spans: readonly Span[];
}
