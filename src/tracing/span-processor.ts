import type { AttributeValue, Context, HrTime, Span, SpanContext } from '@opentelemetry/api';
import { reportFailure } from '../failures.ts';
import { activeSpan, lookForForeignSpan } from './active-span.ts';
import { AttributeKey } from './attribute-keys.ts';
import type { LiveSpan } from './live-span.ts';
import { openTelemetryContext, spanInContext } from './open-telemetry.ts';
import { placeBeside, type TracePlace } from './trace-place.ts';
import { startTwin } from './tracer.ts';
import { isStartingUnmirrored } from './unmirrored.ts';

/** What is read of a span of OpenTelemetry's SDK, version 1 or 2. */
interface SdkSpan extends Span {
  readonly name: string;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly status: { readonly code: number; readonly message?: string };
  readonly attributes: Readonly<Record<string, AttributeValue | undefined>>;
  readonly events: readonly {
    readonly name: string;
    readonly time: HrTime;
    readonly attributes?: Readonly<Record<string, unknown>>;
  }[];
  readonly links: readonly {
    readonly context: SpanContext;
    readonly attributes?: Readonly<Record<string, unknown>>;
  }[];
}

/** What OpenTelemetry's SDK takes among its `spanProcessors`. */
export interface OpenTelemetrySpanProcessor {
  onStart(span: object, parentContext: Context): void;
  onEnd(span: object): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** How the program's spans are taken. */
export interface SpanProcessorOptions {
  /**
   * Whether callers from other processes record their part of a trace with MLflow too. Where they do not, the first span
   * of this process is the root of the trace.
   *
   * @default true
   */
  readonly isCallerRecorded?: boolean;
}

/**
 * Makes a span processor for the program's own OpenTelemetry SDK, which records the program's spans in the traces of
 * MLflow too: ours within theirs, and theirs within ours. It changes nothing of theirs.
 *
 * @example
 * new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter), createSpanProcessor()] }).register();
 */
export function createSpanProcessor({
  isCallerRecorded = true,
}: SpanProcessorOptions = {}): OpenTelemetrySpanProcessor {
  const mirrors = new WeakMap<object, LiveSpan>();
  const find = (context: Context | undefined): LiveSpan | null =>
    mirrors.get(spanInContext(context) ?? {}) ?? null;
  lookForForeignSpan(() => find(openTelemetryContext()));
  return {
    onStart(span, parentContext) {
      if (isStartingUnmirrored()) return;
      attempt(() => {
        const above = spanInContext(parentContext)?.spanContext();
        const parent = parentOf(find(parentContext)) ?? placeOf(span as SdkSpan, above, isCallerRecorded);
        mirrors.set(span, startMirror(span as SdkSpan, parent));
      });
    },
    onEnd(span) {
      const mirror = mirrors.get(span);
      if (mirror !== undefined) attempt(() => endMirror(mirror, span as SdkSpan));
    },
    // What has ended is in the journal.
    forceFlush: async () => undefined,
    async shutdown() {
      lookForForeignSpan(null);
    },
  };
}

function attempt(task: () => void): void {
  try {
    task();
  } catch (error) {
    reportFailure('recording a span of OpenTelemetry', error);
  }
}

/** The span that the program names, or one of ours that lies within it and is the active one here. */
function parentOf(named: LiveSpan | null): LiveSpan | null {
  const active = activeSpan();
  for (let each = active; each !== null; each = each.parent) if (each === named) return active;
  return named !== null ? openOf(named) : active;
}

function openOf(span: LiveSpan): LiveSpan {
  return span.isEnded && span.parent !== null ? openOf(span.parent) : span;
}

function placeOf(span: SdkSpan, above: SpanContext | undefined, isCallerRecorded: boolean): TracePlace {
  const { traceId } = span.spanContext();
  if (above?.isRemote && isCallerRecorded) return { traceId: `tr-${traceId}`, remoteParentId: above.spanId };
  return placeBeside(traceId, above?.spanId);
}

function startMirror(span: SdkSpan, parent: LiveSpan | TracePlace): LiveSpan {
  const { spanId } = span.spanContext();
  return startTwin({ name: span.name, startTimeUnixNano: toUnixNano(span.startTime) }, parent, { spanId });
}

const STATUS_CODES = ['UNSET', 'OK', 'ERROR'] as const;

/** What the conventions for generative AI call an operation. */
const TYPES: Readonly<Record<string, string>> = {
  chat: 'CHAT_MODEL',
  generate_content: 'LLM',
  text_completion: 'LLM',
  embeddings: 'EMBEDDING',
  execute_tool: 'TOOL',
  invoke_agent: 'AGENT',
  create_agent: 'AGENT',
};

function endMirror(mirror: LiveSpan, span: SdkSpan): void {
  const { attributes } = span;
  mirror.name = span.name;
  const type = TYPES[String(attributes['gen_ai.operation.name'])];
  if (type !== undefined) mirror.setAttribute(AttributeKey.type, type);
  mirror.setAttributes(attributes);
  const model = attributes['gen_ai.response.model'] ?? attributes['gen_ai.request.model'];
  mirror.setAttribute(AttributeKey.model, model);
  const input = attributes['gen_ai.usage.input_tokens'];
  const output = attributes['gen_ai.usage.output_tokens'];
  if (typeof input === 'number' && typeof output === 'number') {
    mirror.setUsage({ input_tokens: input, output_tokens: output, total_tokens: input + output });
  }
  for (const event of span.events) mirror.addEvent(event.name, event.attributes, toUnixNano(event.time));
  for (const { context, attributes: of } of span.links) {
    mirror.addLink({ traceId: `tr-${context.traceId}`, spanId: context.spanId, ...(of && { attributes: of }) });
  }
  mirror.setStatus({ code: STATUS_CODES[span.status.code] ?? 'UNSET', message: span.status.message ?? '' });
  mirror.end({ endTimeUnixNano: toUnixNano(span.endTime) });
}

function toUnixNano([seconds, nanos]: HrTime): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
}
