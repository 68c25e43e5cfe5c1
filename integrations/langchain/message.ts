import { isObject, type JsonObject, objectsIn, textIn } from '../shapes/json-object.ts';

/** Role in a chat for each type of message. */
const ROLES: Readonly<Record<string, string>> = { human: 'user', ai: 'assistant' };

/** A message of langchain, of any copy and version of its classes. */
interface LangChainMessage extends JsonObject {
  readonly content: unknown;
  _getType(): string;
}

/** Tells a message by its methods; the classes differ between versions and module systems. */
export function isMessage(value: unknown): value is LangChainMessage {
  return isObject(value) && 'content' in value && typeof value._getType === 'function';
}

/**
 * Brings a message into the form of chat completions, which is how MLflow stores and shows langchain's messages.
 *
 * Source: langchainjs `libs/langchain-core/src/messages`, read at 0.3.80 and 1.2.13; mlflow/langchain/utils/chat.py, at
 * 3.17.
 */
export function toChatMessage(message: LangChainMessage): JsonObject {
  const type = message._getType();
  const extra = isObject(message.additional_kwargs) ? message.additional_kwargs : {};
  const toolCalls = toToolCalls(message, extra);
  return {
    role: type === 'generic' ? message.role : (textIn(extra.__openai_role__) ?? ROLES[type] ?? type),
    content: toContent(message.content, toolCalls.length > 0) ?? transcriptIn(extra),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
    ...pick(message, ['name', 'tool_call_id', 'status']),
    ...pick(extra, ['refusal', 'reasoning_content']),
  };
}

function toToolCalls(message: LangChainMessage, extra: JsonObject): readonly JsonObject[] {
  const calls = [...objectsIn(message.tool_calls), ...objectsIn(message.invalid_tool_calls)];
  if (calls.length === 0) return objectsIn(extra.tool_calls);
  return calls.map(({ id, name, args }) => ({
    id,
    type: 'function',
    function: { name, arguments: typeof args === 'string' ? args : JSON.stringify(args) },
  }));
}

function toContent(content: unknown, hasToolCalls: boolean): unknown {
  if (Array.isArray(content)) {
    // Anthropic's models repeat the calls as parts of the content.
    const parts = hasToolCalls
      ? content.filter((part: unknown) => !isObject(part) || part.type !== 'tool_use')
      : content;
    return parts.length === 0 ? null : parts.map(toPart);
  }
  return content === '' && hasToolCalls ? null : content;
}

function toPart(part: unknown): unknown {
  if (!isObject(part)) return part;
  const mimeType = textIn(part.mimeType) ?? textIn(part.mime_type) ?? '';
  const data = textIn(part.data);
  if (part.type === 'audio' && data !== undefined) {
    const format = mimeType.replace(/^audio\/(x-)?/, '').replace('mpeg', 'mp3');
    return { type: 'input_audio', input_audio: { data, format } };
  }
  if (part.type === 'image' && (data ?? textIn(part.url)) !== undefined) {
    return {
      type: 'image_url',
      image_url: { url: data === undefined ? part.url : `data:${mimeType};base64,${data}` },
    };
  }
  return part;
}

function transcriptIn({ audio }: JsonObject): unknown {
  return isObject(audio) ? (textIn(audio.transcript) ?? null) : null;
}

function pick(from: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]));
}
