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
  const cacheRead = countIn(inputDetails.cached_tokens);
  const cacheCreation = countIn(inputDetails.cache_write_tokens);
  const reasoning = countIn(outputDetails.reasoning_tokens);
  const counts: { -readonly [Key in keyof TokenUsage]: number } = {
    input_tokens: input ?? 0,
    output_tokens: output ?? 0,
    total_tokens: total ?? (input ?? 0) + (output ?? 0),
  };
  if (cacheRead !== undefined) counts.cache_read_input_tokens = cacheRead;
  if (cacheCreation !== undefined) counts.cache_creation_input_tokens = cacheCreation;
  if (reasoning !== undefined) counts.reasoning_output_tokens = reasoning;
  return counts;
}

function countIn(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function detailsIn(value: unknown) {
  return isObject(value) ? value : {};
}
