import { AttributeKey, type TokenUsage } from '../../src/integration.ts';
import { type ChatTool, toChatTools, withoutSecrets } from '../shapes/chat-tools.ts';
import { isObject, type JsonObject, objectsIn, textIn } from '../shapes/json-object.ts';
import { toTokenUsage } from '../shapes/token-usage.ts';
import { toPlainData } from './data.ts';
import { isMessage, toChatMessage } from './message.ts';

/**
 * What is known of a model call before it is made: parameters, model, provider and tools.
 *
 * Source: mlflow/langchain/langchain_tracer.py, read at 3.17.
 */
export function toModelAttributes(extra: unknown, metadata: unknown): JsonObject {
  const params = isObject(extra) && isObject(extra.invocation_params) ? extra.invocation_params : {};
  const known = isObject(metadata) ? metadata : {};
  const label = textIn(params._type)?.replace(/^chat-|-chat$/, '');
  return {
    invocation_params: withoutSecrets(params),
    [AttributeKey.messageFormat]: 'langchain',
    [AttributeKey.model]: textIn(known.ls_model_name) ?? textIn(params.model) ?? textIn(params.model_name),
    [AttributeKey.provider]: textIn(known.ls_provider) ?? label,
    [AttributeKey.tools]: toTools(params.tools),
  };
}

/** What a model was asked: `{ messages }` for one conversation. */
export function toModelInputs(messages: unknown): unknown {
  const [conversation, ...more] = Array.isArray(messages) ? (messages as unknown[]) : [];
  return Array.isArray(conversation) && more.length === 0
    ? { messages: toPlainData(conversation) }
    : toPlainData(messages);
}

/** What a model answered, as the choices of a chat completion. */
export function toModelOutputs(result: unknown): unknown {
  const generations = generationsIn(result);
  return {
    choices: generations.map(({ message, text, generationInfo }, index) => ({
      index,
      message: isMessage(message) ? toChatMessage(message) : { role: 'assistant', content: text },
      finish_reason: finishReason(generationInfo) ?? finishReason(memberOf(message, 'response_metadata')) ?? null,
    })),
  };
}

/**
 * Tokens of a model call. The counts of the whole call come first: with several answers to one question, each message
 * carries the same ones. Cached and reasoning parts are known to the messages alone.
 */
export function toModelUsage(result: unknown): TokenUsage | undefined {
  const output = memberOf(result, 'llmOutput');
  const whole = fromCamelCase(memberOf(output, 'tokenUsage')) ?? toTokenUsage(memberOf(output, 'usage'));
  const ofMessages = new Set(generationsIn(result).map(({ message }) => memberOf(message, 'usage_metadata')));
  const usages = [...ofMessages].map(fromMetadata).filter((usage) => usage !== undefined);
  if (whole === undefined && usages.length === 0) return undefined;
  return { ...sum(usages), ...whole };
}

function generationsIn(result: unknown): readonly JsonObject[] {
  const lists = memberOf(result, 'generations');
  return Array.isArray(lists) ? lists.flatMap(objectsIn) : [];
}

function fromCamelCase(usage: unknown): TokenUsage | undefined {
  if (!isObject(usage)) return undefined;
  const { promptTokens, completionTokens, totalTokens } = usage;
  return toTokenUsage({ input_tokens: promptTokens, output_tokens: completionTokens, total_tokens: totalTokens });
}

function fromMetadata(usage: unknown): TokenUsage | undefined {
  if (!isObject(usage)) return undefined;
  return toTokenUsage({
    ...usage,
    input_tokens_details: {
      cached_tokens: memberOf(usage.input_token_details, 'cache_read'),
      cache_write_tokens: memberOf(usage.input_token_details, 'cache_creation'),
    },
    output_tokens_details: { reasoning_tokens: memberOf(usage.output_token_details, 'reasoning') },
  });
}

function sum(usages: readonly TokenUsage[]): TokenUsage {
  const total: Record<string, number> = {};
  for (const usage of usages) {
    for (const [key, count] of Object.entries(usage)) total[key] = (total[key] ?? 0) + count;
  }
  return total;
}

function toTools(tools: unknown): readonly ChatTool[] | undefined {
  const named = objectsIn(tools).map((tool) => ({ ...tool, parameters: tool.parameters ?? tool.input_schema }));
  return toChatTools({ tools: named });
}

function finishReason(info: unknown): string | undefined {
  return textIn(memberOf(info, 'finish_reason')) ?? textIn(memberOf(info, 'stop_reason'));
}

function memberOf(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined;
}
