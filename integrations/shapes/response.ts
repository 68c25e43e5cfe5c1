import type { ChunkCollector, SpanResult } from '../../src/integration.ts';
import { joinText, MAX_ITEMS } from './bounds.ts';
import { withoutSecrets } from './chat-tools.ts';
import { isObject, type JsonObject, objectsIn, textIn } from './json-object.ts';
import type { MutableObject } from './merge-delta.ts';
import { replyResult } from './reply.ts';

type PartList = 'content' | 'summary';

/** A bound for indexes that a server makes up. */
const MAX_PARTS = 1_000;

/** Where the text of an event belongs: a field of the item, or of one part in a list of it. */
const DELTAS: Readonly<Record<string, { readonly list?: PartList; readonly field: string }>> = {
  'response.output_text.delta': { list: 'content', field: 'text' },
  'response.refusal.delta': { list: 'content', field: 'refusal' },
  'response.reasoning_text.delta': { list: 'content', field: 'text' },
  'response.reasoning_summary_text.delta': { list: 'summary', field: 'text' },
  'response.function_call_arguments.delta': { field: 'arguments' },
  'response.mcp_call_arguments.delta': { field: 'arguments' },
  'response.custom_tool_call_input.delta': { field: 'input' },
  'response.code_interpreter_call_code.delta': { field: 'code' },
};

const UNFINISHED = new Set<unknown>([undefined, 'queued', 'in_progress']);

/** What a response says of its span; a failed one is an error, although the call returned. */
export function responseResult(response: unknown): SpanResult {
  if (!isObject(response) || response.object !== 'response') return replyResult(response);
  const text = response.output_text ?? outputText(response);
  const result = replyResult(response, withoutSecrets({ ...response, output_text: text }));
  return isObject(response.error) ? { ...result, error: toError(response.error) } : result;
}

/**
 * Makes a collector that turns the events of a stream into the response that they amount to: the one that the last
 * event brings, else what had come of it when the stream broke off.
 *
 * Source: openai-node `src/resources/responses/responses.ts` `ResponseStreamEvent`, read at 7.55.0.
 */
export function createResponseCollector(): ChunkCollector {
  let response: JsonObject = { object: 'response' };
  let error: Error | undefined;
  const items = new Map<unknown, MutableObject>();
  return {
    isLeaf: true,
    add(event) {
      if (!isObject(event)) return;
      if (isObject(event.response)) response = event.response;
      else if (event.type === 'error') error = toError(event);
      else if (isObject(event.item) && (items.size < MAX_ITEMS || items.has(event.output_index)))
        items.set(event.output_index, structuredClone(event.item) as MutableObject);
      else if (isObject(event.part)) setPart(items.get(event.output_index), event, event.part);
      else addDelta(items.get(event.output_index), event);
    },
    result() {
      const isPartial = UNFINISHED.has(response.status) || objectsIn(response.output).length === 0;
      const whole = isPartial && items.size > 0 ? { ...response, output: [...items.values()] } : response;
      return error === undefined ? responseResult(whole) : { ...responseResult(whole), error };
    },
  };
}

function setPart(item: MutableObject | undefined, event: JsonObject, part: JsonObject): void {
  if (item === undefined) return;
  const target = partAt(item, event.summary_index === undefined ? 'content' : 'summary', event);
  if (target !== undefined) Object.assign(target, part);
}

function addDelta(item: MutableObject | undefined, event: JsonObject): void {
  const place = DELTAS[String(event.type)];
  if (item === undefined || place === undefined || typeof event.delta !== 'string') return;
  const { list, field } = place;
  const target = list === undefined ? item : partAt(item, list, event);
  if (target !== undefined) target[field] = joinText(textIn(target[field]) ?? '', event.delta);
}

/** The part that an event is about, or undefined when the event does not tell. */
function partAt(item: MutableObject, list: PartList, event: JsonObject): MutableObject | undefined {
  const index = list === 'summary' ? event.summary_index : event.content_index;
  if (typeof index !== 'number' || !Number.isSafeInteger(index) || index < 0 || index > MAX_PARTS)
    return undefined;
  if (!Array.isArray(item[list])) item[list] = [];
  const parts = item[list] as MutableObject[];
  parts[index] ??= {};
  return parts[index];
}

function outputText(response: JsonObject): string {
  const parts = objectsIn(response.output)
    .filter((item) => item.type === 'message')
    .flatMap((item) => objectsIn(item.content));
  return parts.map((part) => textIn(part.text) ?? '').join('');
}

/** Has no stack, which would show this file and not where it happened. */
function toError(reported: JsonObject): Error {
  const error = new Error(textIn(reported.message) ?? 'the response failed');
  error.name = textIn(reported.code) ?? textIn(reported.type) ?? 'ResponseError';
  error.stack = '';
  return error;
}
