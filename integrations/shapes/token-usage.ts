import type { TokenUsage } from '../../src/integration.ts';
import { isObject } from './json-object.ts';

/**
 * Brings the `usage` of an OpenAI-style reply under MLflow's keys; undefined when it counts nothing.
 *
 * Chat completions, legacy completions and embeddings count prompt and completion tokens, responses count input and
 * output tokens. What embeddings leave out is 0. Cached and reasoning tokens are contained in input and output.
 *
 * Source: openai-node `src/resources/completions.ts` and `src/resources/responses/responses.ts`, read at 7.55.0.
 */
export function toTokenUsage(usage: unknown): TokenUsage | undefined {
  if (!isObject(usage)) return undefined;
  const input = countIn(usage.input_tokens) ?? countIn(usage.prompt_tokens);
  const output = countIn(usage.output_tokens) ?? countIn(usage.completion_tokens);
  const total = countIn(usage.total_tokens);
  if (input === undefined && output === undefined && total === undefined) return undefined;
  const inputDetails = detailsIn(usage.input_tokens_details ?? usage.prompt_tokens_details);
  const outputDetails = detailsIn(usage.output_tokens_details ?? usage.completion_tokens_details);
  const parts = {
    cache_read_input_tokens: countIn(inputDetails.cached_tokens),
    cache_creation_input_tokens: countIn(inputDetails.cache_write_tokens),
    reasoning_output_tokens: countIn(outputDetails.reasoning_tokens),
  };
  return {
    input_tokens: input ?? 0,
    output_tokens: output ?? 0,
    total_tokens: total ?? (input ?? 0) + (output ?? 0),
    ...Object.fromEntries(Object.entries(parts).filter(([, count]) => count !== undefined)),
  };
}

function countIn(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function detailsIn(value: unknown) {
  return isObject(value) ? value : {};
}
