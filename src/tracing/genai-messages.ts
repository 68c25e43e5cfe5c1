interface Fields {
  readonly [key: string]: unknown;
}

/** A message in the conventions' form: who speaks, and what it consists of. */
export interface GenAiMessage {
  readonly role: string;
  readonly parts: readonly GenAiPart[];
  readonly finish_reason?: string;
}

/** A part of a message. */
export type GenAiPart = Fields & { readonly type: string };

/**
 * Messages of a model's inputs, those of the system left out, or of its outputs; undefined for what is no list of them.
 * Takes the forms of OpenAI's chat completions and responses, and of Anthropic's messages.
 */
export function toGenAiMessages(messages: unknown): readonly GenAiMessage[] | undefined {
  if (typeof messages === 'string') return [{ role: 'user', parts: [text(messages)] }];
  if (!Array.isArray(messages) || !messages.every(isFields)) return undefined;
  return messages.filter(({ role }) => role !== 'system').map(toMessage);
}

/** What the system tells a model, apart from the messages; undefined where it tells nothing. */
export function systemInstructions({ messages, instructions, system }: Fields): readonly GenAiPart[] | undefined {
  const given = [system, instructions].flatMap((each) => (each === undefined ? [] : contentParts(each)));
  const said = (Array.isArray(messages) ? messages : []).filter(
    (each) => isFields(each) && each.role === 'system',
  );
  const parts = [...given, ...said.flatMap(({ content }: Fields) => contentParts(content))];
  return parts.length === 0 ? undefined : parts;
}

/** Tools as the conventions list them, without OpenAI's inner `function`. */
export function toGenAiTools(tools: unknown): unknown {
  if (!Array.isArray(tools) || !tools.every(isFields)) return tools;
  return tools.map(({ type = 'function', function: inner, ...rest }) => ({
    type,
    ...(isFields(inner) ? inner : rest),
  }));
}

function toMessage(item: Fields): GenAiMessage {
  if (item.type === 'function_call') {
    return { role: 'assistant', parts: [toolCall(item.call_id, item.name, item.arguments)] };
  }
  if (item.type === 'function_call_output') {
    return { role: 'tool', parts: [toolResponse(item.call_id, item.output)] };
  }
  // Of a reply: what thinks, searches and the like.
  if (item.role === undefined && item.content === undefined) {
    return { role: 'assistant', parts: [text(JSON.stringify(item))] };
  }
  const role = typeof item.role === 'string' ? item.role : 'user';
  const said = contentParts(item.content);
  const parts = said.length === 0 ? transcriptOf(item.audio) : said;
  if (item.tool_call_id !== undefined) {
    return { role, parts: [toolResponse(item.tool_call_id, parts[0]?.content ?? null)] };
  }
  return { role, parts: [...parts, ...callParts(item.tool_calls)] };
}

function contentParts(content: unknown): readonly GenAiPart[] {
  if (content === undefined || content === null) return [];
  if (!Array.isArray(content)) return [text(typeof content === 'string' ? content : JSON.stringify(content))];
  return content.map((part) => (isFields(part) ? toPart(part) : text(String(part))));
}

function toPart(part: Fields): GenAiPart {
  switch (part.type) {
    case 'text':
    case 'input_text':
    case 'output_text':
      return text(String(part.text));
    case 'image_url':
      return image(isFields(part.image_url) ? part.image_url.url : part.image_url);
    case 'input_image':
      return image(part.image_url);
    case 'input_audio':
      return audio(isFields(part.input_audio) ? part.input_audio : {});
    case 'tool_use':
      return toolCall(part.id, part.name, part.input);
    case 'tool_result':
      return toolResponse(part.tool_use_id, part.content);
    default:
      return text(JSON.stringify(part));
  }
}

function transcriptOf(said: unknown): readonly GenAiPart[] {
  return isFields(said) && typeof said.transcript === 'string' ? [text(said.transcript)] : [];
}

function callParts(calls: unknown): readonly GenAiPart[] {
  if (!Array.isArray(calls)) return [];
  return calls.filter(isFields).map((call) => {
    const called = isFields(call.function) ? call.function : isFields(call.custom) ? call.custom : {};
    return toolCall(call.id, called.name, called.arguments ?? called.input ?? '{}');
  });
}

function toolCall(id: unknown, name: unknown, given: unknown): GenAiPart {
  return { type: 'tool_call', id, name, arguments: parsed(given) };
}

function toolResponse(id: unknown, response: unknown): GenAiPart {
  return { type: 'tool_call_response', id, response };
}

function image(url: unknown): GenAiPart {
  const [, type, content] = /^data:([^,]*?)(?:;base64)?,(.*)$/s.exec(String(url)) ?? [];
  if (type === undefined) return { type: 'uri', modality: 'image', uri: url };
  return { type: 'blob', modality: 'image', mime_type: type, content };
}

function audio({ data, format }: Fields): GenAiPart {
  if (String(data).startsWith('mlflow-attachment:')) return { type: 'uri', modality: 'audio', uri: data };
  return { type: 'blob', modality: 'audio', mime_type: `audio/${format}`, content: data };
}

function text(content: string): GenAiPart {
  return { type: 'text', content };
}

function parsed(given: unknown): unknown {
  if (typeof given !== 'string') return given;
  try {
    return JSON.parse(given) as unknown;
  } catch {
    // A model may write arguments that are no JSON.
    return given;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
