import { cutText } from '../entities/validation.ts';

/** Length of a preview in MLflow's open-source server, characters. */
const MAX_LENGTH = 1000;

/** One line that stands for a trace's inputs: the last user message of a chat, else the JSON. */
export function requestPreview(inputs: unknown): string | null {
  const messages = member(inputs, 'messages') ?? member(inputs, 'input') ?? member(inputs, 'contents');
  if (typeof messages === 'string') return preview(inputs, messages);
  return preview(inputs, textOf(member(lastMessage(messages, 'user'), 'content')));
}

/**
 * One line that stands for a trace's outputs: the assistant's text of a chat, the calls where it only calls tools, as
 * `get_weather({"city":"Paris"})`, else the JSON.
 */
export function responsePreview(outputs: unknown): string | null {
  const [choice] = itemsOf(member(outputs, 'choices'));
  const message = member(choice, 'message');
  const content = member(message, 'content');
  // Most replies: what follows looks for a dozen kinds.
  if (isAssistant(message) && typeof content === 'string' && content !== '') return preview(outputs, content);
  const replies = [
    { role: 'assistant', content: member(choice, 'text'), ...objectOf(message) },
    outputs,
    lastMessage(member(outputs, 'messages'), 'assistant'),
  ];
  return preview(outputs, firstText(replies.map(replyText)) ?? firstText(replies.map(replyCalls)));
}

function preview(value: unknown, text: string | undefined): string | null {
  if (value === undefined || value === null) return null;
  const line = text ?? JSON.stringify(value);
  return cutText(line, MAX_LENGTH) === line ? line : `${cutText(line, MAX_LENGTH - 3)}...`;
}

function lastMessage(messages: unknown, role: string): unknown {
  return itemsOf(messages).findLast((message) => member(message, 'role') === role);
}

/** What a message, or a reply of the Responses API, says. */
function replyText(reply: unknown): string | undefined {
  const messages = [reply, ...itemsOf(member(reply, 'output'))].filter(isAssistant);
  const texts = messages.map((each) =>
    firstText([textOf(member(each, 'content')), textOf(member(each, 'refusal'))]),
  );
  return firstText([textOf(member(reply, 'output_text')), texts.filter((text) => text !== undefined).join(' ')]);
}

/** What a message, or a reply of the Responses API, calls. */
function replyCalls(reply: unknown): string | undefined {
  const parts = ['tool_calls', 'output', 'content'].flatMap((key) => itemsOf(member(reply, key)));
  return parts
    .map(toCallText)
    .filter((call) => call !== undefined)
    .join(', ');
}

/** OpenAI's chat completions and responses, with custom tools, and Anthropic's `tool_use`. */
function toCallText(part: unknown): string | undefined {
  const call = member(part, 'function') ?? member(part, 'custom') ?? part;
  const name = member(call, 'name');
  const input = member(call, 'arguments') ?? member(call, 'input');
  if (typeof name !== 'string' || input === undefined) return undefined;
  return `${name}(${typeof input === 'string' ? input : JSON.stringify(input)})`;
}

function isAssistant(message: unknown): boolean {
  return member(message, 'role') === 'assistant';
}

function textOf(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  const texts = itemsOf(content).map((part) => member(part, 'text') ?? member(part, 'refusal'));
  const found = texts.filter((text) => typeof text === 'string');
  return found.length === 0 ? undefined : found.join(' ');
}

function firstText(texts: readonly (string | undefined)[]): string | undefined {
  return texts.find((text) => text !== undefined && text !== '');
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function member(value: unknown, key: string): unknown {
  return (objectOf(value) as Record<string, unknown>)[key];
}
