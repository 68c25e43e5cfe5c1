import type { toTraceWords } from './mlflow-words.ts';

/** Parts of a trace's tokens that MLflow 3.17 has columns for; its upgrade drops others from the trace's sum. */
const KEPT = new Set([
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
]);
const USAGE = 'mlflow.trace.tokenUsage';

type TraceWords = ReturnType<typeof toTraceWords>;

/**
 * A trace with its sum of tokens as MLflow keeps it: in columns, from which it makes the metadata anew. So the JSON's
 * spaces differ and the part `reasoning_output_tokens` is in the spans alone.
 */
export function withTokensOfColumns<T extends TraceWords>(trace: T): T {
  const { [USAGE]: usage, ...metadata } = trace.trace_metadata;
  if (usage === undefined) return trace;
  const counts = Object.entries(JSON.parse(usage) as Record<string, number>);
  return {
    ...trace,
    trace_metadata: metadata,
    token_usage: Object.fromEntries(counts.filter(([key]) => KEPT.has(key))),
  };
}
