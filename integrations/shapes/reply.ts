import { AttributeKey, type SpanResult } from '../../src/integration.ts';
import { isObject, textIn } from './json-object.ts';
import { toTokenUsage } from './token-usage.ts';

/** What an OpenAI-style reply says of its span: outputs, the token usage, and the model that answered. */
export function replyResult(reply: unknown, outputs: unknown = reply): SpanResult {
  if (!isObject(reply)) return { outputs };
  const model = textIn(reply.model);
  return {
    outputs,
    usage: toTokenUsage(reply.usage),
    ...(model === undefined ? {} : { attributes: { [AttributeKey.model]: model } }),
  };
}
