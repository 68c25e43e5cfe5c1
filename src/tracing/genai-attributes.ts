import type { SpanRecord } from '../store/log-record.ts';
import { AttributeKey } from './attribute-keys.ts';
import { systemInstructions, toGenAiMessages, toGenAiTools } from './genai-messages.ts';

interface Fields {
  readonly [key: string]: unknown;
}

const OPERATIONS: Readonly<Record<string, string>> = {
  CHAT_MODEL: 'chat',
  LLM: 'generate_content',
  EMBEDDING: 'embeddings',
  TOOL: 'execute_tool',
  AGENT: 'invoke_agent',
  RETRIEVER: 'retrieval',
};

/** Parameters of a request, as most providers name them. */
const PARAMETERS: Readonly<Record<string, string>> = {
  temperature: 'gen_ai.request.temperature',
  top_p: 'gen_ai.request.top_p',
  top_k: 'gen_ai.request.top_k',
  max_tokens: 'gen_ai.request.max_tokens',
  max_completion_tokens: 'gen_ai.request.max_tokens',
  max_output_tokens: 'gen_ai.request.max_tokens',
  frequency_penalty: 'gen_ai.request.frequency_penalty',
  presence_penalty: 'gen_ai.request.presence_penalty',
  seed: 'gen_ai.request.seed',
  n: 'gen_ai.request.choice.count',
};

const USAGE: Readonly<Record<string, string>> = {
  input_tokens: 'gen_ai.usage.input_tokens',
  output_tokens: 'gen_ai.usage.output_tokens',
  cache_read_input_tokens: 'gen_ai.usage.cache_read.input_tokens',
  cache_creation_input_tokens: 'gen_ai.usage.cache_creation.input_tokens',
  reasoning_output_tokens: 'gen_ai.usage.reasoning.output_tokens',
};

/**
 * What a span means in OpenTelemetry's conventions for generative AI; it stands beside MLflow's attributes. Empty for a
 * span that is none of a model, tool or agent.
 *
 * Source: OpenTelemetry semantic conventions, gen-ai, as @opentelemetry/semantic-conventions 1.45 lists them; forms
 * as in mlflow/tracing/export/genai_semconv and mlflow/openai/genai_semconv_converter.py, 3.17.
 */
export function genAiAttributes({ name, status, attributes, events }: SpanRecord): Record<string, unknown> {
  const type = String(attributes[AttributeKey.type]);
  const operation = OPERATIONS[type];
  const found: Record<string, unknown> = {};
  const session = attributes[AttributeKey.session];
  if (session !== undefined) found['gen_ai.conversation.id'] = session;
  if (operation === undefined) return found;
  found['gen_ai.operation.name'] = operation;
  put(found, 'gen_ai.provider.name', attributes[AttributeKey.provider]);
  const inputs = fieldsOf(attributes[AttributeKey.inputs]);
  const outputs = fieldsOf(attributes[AttributeKey.outputs]);
  if (type === 'TOOL') putTool(found, name, attributes);
  else if (type === 'AGENT') found['gen_ai.agent.name'] = name;
  else putModel(found, inputs, outputs, attributes);
  putAll(found, USAGE, fieldsOf(attributes[AttributeKey.usage]));
  if (status.code === 'ERROR') {
    const thrown = events.find((event) => event.name === 'exception');
    found['error.type'] = thrown?.attributes['exception.type'] ?? '_OTHER';
  }
  // What is there already was given so.
  for (const key of Object.keys(found)) if (attributes[key] !== undefined) delete found[key];
  return found;
}

function putTool(found: Record<string, unknown>, name: string, attributes: Fields): void {
  found['gen_ai.tool.name'] = name;
  putJson(found, 'gen_ai.tool.call.arguments', attributes[AttributeKey.inputs]);
  putJson(found, 'gen_ai.tool.call.result', attributes[AttributeKey.outputs]);
}

function putModel(found: Record<string, unknown>, inputs: Fields, outputs: Fields, attributes: Fields): void {
  put(found, 'gen_ai.request.model', attributes[AttributeKey.model] ?? inputs.model);
  put(found, 'gen_ai.response.model', outputs.model);
  put(found, 'gen_ai.response.id', outputs.id);
  putAll(found, PARAMETERS, inputs);
  const stop = inputs.stop ?? inputs.stop_sequences;
  if (stop !== undefined && stop !== null)
    found['gen_ai.request.stop_sequences'] = Array.isArray(stop) ? stop : [stop];
  putJson(found, 'gen_ai.tool.definitions', toGenAiTools(attributes[AttributeKey.tools] ?? inputs.tools));
  putJson(found, 'gen_ai.system_instructions', systemInstructions(inputs));
  putJson(found, 'gen_ai.input.messages', toGenAiMessages(inputs.messages ?? inputs.input));
  putReplies(found, outputs);
}

function putReplies(found: Record<string, unknown>, outputs: Fields): void {
  const choices = itemsOf(outputs.choices).map(fieldsOf);
  if (choices.length === 0) {
    // Of the Responses API, and of Anthropic.
    const message = outputs.role === 'assistant' ? [outputs] : outputs.output;
    const reason = outputs.status ?? outputs.stop_reason;
    putReasons(found, [reason]);
    putJson(found, 'gen_ai.output.messages', Array.isArray(message) ? finished(message, [reason]) : undefined);
    return;
  }
  const reasons = choices.map(({ finish_reason: reason }) => reason);
  putReasons(found, reasons);
  const messages = choices.map(({ message, delta }) => fieldsOf(message ?? delta));
  putJson(found, 'gen_ai.output.messages', finished(messages, reasons));
}

/** Each message with its own reason, or all with the only one. */
function finished(messages: readonly unknown[], reasons: readonly unknown[]): unknown {
  return toGenAiMessages(messages)?.map((message, index) => {
    const reason = reasons[index] ?? (reasons.length === 1 ? reasons[0] : undefined);
    return typeof reason === 'string' ? { ...message, finish_reason: reason } : message;
  });
}

function putReasons(found: Record<string, unknown>, reasons: readonly unknown[]): void {
  const given = reasons.filter((reason) => typeof reason === 'string');
  if (given.length > 0) found['gen_ai.response.finish_reasons'] = given;
}

function putAll(found: Record<string, unknown>, keys: Readonly<Record<string, string>>, values: Fields): void {
  for (const [from, to] of Object.entries(keys)) {
    if (typeof values[from] === 'number') found[to] = values[from];
  }
}

function put(found: Record<string, unknown>, key: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') found[key] = value;
}

function putJson(found: Record<string, unknown>, key: string, value: unknown): void {
  if (value !== undefined && value !== null) found[key] = JSON.stringify(value);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
