import { metrics, SpanStatusCode } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

/**
 * Sets up OpenTelemetry as a program does: a provider, a batch processor and OTLP over HTTP; or another processor.
 */
export function startProvider({ sinkUrl, keep }, processor = batchProcessor(sinkUrl)) {
  const keeper = keep ? createKeeper() : undefined;
  const provider = new NodeTracerProvider({ spanProcessors: keeper ? [processor, keeper] : [processor] });
  provider.register();
  return { provider, flush: () => provider.forceFlush(), spans: () => keeper?.spans() ?? [] };
}

/** Gives instrumentations their providers, as `registerInstrumentations` does. */
export function register({ provider }, ...instrumentations) {
  for (const instrumentation of instrumentations) {
    instrumentation.setTracerProvider(provider);
    instrumentation.setMeterProvider(metrics.getMeterProvider());
  }
}

function batchProcessor(sinkUrl) {
  return new BatchSpanProcessor(new OTLPTraceExporter({ url: `${sinkUrl}/v1/traces` }));
}

function createKeeper() {
  const all = new Set();
  return {
    onStart: (span) => void all.add(span),
    onEnd: () => undefined,
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
    spans: () => [...all].map(toPlain),
  };
}

function toPlain(span) {
  const { name, status, attributes, events, ended } = span;
  return {
    id: span.spanContext().spanId,
    parentId: span.parentSpanContext?.spanId ?? span.parentSpanId ?? null,
    name,
    isEnded: ended,
    // Langfuse has a level of its own for it.
    isError: status.code === SpanStatusCode.ERROR || attributes['langfuse.observation.level'] === 'ERROR',
    data: JSON.stringify({ attributes, events, status }),
  };
}
