import { isObject, type JsonObject } from '../shapes/json-object.ts';
import { isMessage, toChatMessage } from './message.ts';

/** Levels of arrays and objects that are looked into. */
const MAX_DEPTH = 8;

/** Values that are looked into; what is more is left as it is. */
const MAX_VALUES = 10_000;

/**
 * Brings what flows through a chain into plain data: messages as chat messages, prompts as text or messages, documents
 * as MLflow's; commands and sends of langgraph are looked into. Other values are left as they are.
 *
 * Source: langchainjs `libs/langchain-core/src/{prompt_values,documents}`, read at 0.3.80 and 1.2.13; langgraphjs
 * `libs/langgraph/src/constants.ts`, at 1.4.13.
 */
export function toPlainData(value: unknown): unknown {
  return convert(value, MAX_DEPTH, { left: MAX_VALUES });
}

/** The arguments of a tool, which langchain hands on as JSON text. */
export function toToolInput(text: unknown): unknown {
  if (typeof text !== 'string' || !/^\s*[{[]/.test(text)) return toPlainData(text);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A tool that takes plain text may get any, also one that begins like JSON.
    return text;
  }
}

function convert(value: unknown, depth: number, budget: { left: number }): unknown {
  if (typeof value !== 'object' || value === null || depth === 0 || budget.left <= 0) return value;
  budget.left -= 1;
  const inner = (each: unknown) => convert(each, depth - 1, budget);
  if (Array.isArray(value)) return value.length > budget.left ? value : value.map(inner);
  const known = convertKnown(value as JsonObject);
  if (known !== undefined) return known;
  const fields = hasPlainFields(value) ? value : commandFields(value as JsonObject);
  if (fields === undefined) return value;
  return Object.fromEntries(Object.entries(fields).map(([key, each]) => [key, inner(each)]));
}

function convertKnown(object: JsonObject): unknown {
  if (isMessage(object)) return toChatMessage(object);
  if (typeof object.toChatMessages === 'function') return fromPrompt(object);
  if (typeof object.pageContent === 'string' && isObject(object.metadata)) {
    return { page_content: object.pageContent, metadata: object.metadata, id: object.id ?? null };
  }
  return undefined;
}

function fromPrompt({ value, messages }: JsonObject): unknown {
  return Array.isArray(messages) ? { messages: messages.map((each: unknown) => toPlainData(each)) } : value;
}

function hasPlainFields(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function commandFields(value: JsonObject): object | undefined {
  if (typeof value.lg_name !== 'string' || typeof value.toJSON !== 'function') return undefined;
  const fields: unknown = value.toJSON();
  return isObject(fields) ? fields : undefined;
}
