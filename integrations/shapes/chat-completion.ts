import type { ChunkCollector } from '../../src/integration.ts';
import { withHead } from './chunk-head.ts';
import { isObject, type JsonObject, objectsIn } from './json-object.ts';
import { type MutableObject, mergeDelta } from './merge-delta.ts';
import { replyResult } from './reply.ts';
import { createToolCallCollector, type ToolCallCollector } from './tool-calls.ts';

interface Choice {
  /** All but the message: index, finish reason, log probabilities, filter results. */
  readonly rest: MutableObject;
  readonly message: MutableObject;
  readonly toolCalls: ToolCallCollector;
}

/**
 * Makes a collector that turns the chunks of a chat stream into the completion that they amount to: all choices, text,
 * refusal, parallel tool calls, log probabilities, finish reasons, and the usage from whichever chunk has it.
 *
 * Chunks without choices are taken as they are: Azure sends its filter results so, gateways their own notes.
 */
export function createChatCollector(): ChunkCollector {
  let head: JsonObject = {};
  const choices = new Map<unknown, Choice>();

  function choiceAt(index: unknown): Choice {
    const choice = choices.get(index) ?? { rest: { index }, message: {}, toolCalls: createToolCallCollector() };
    choices.set(index, choice);
    return choice;
  }

  return {
    add(chunk) {
      if (!isObject(chunk)) return;
      head = withHead(head, chunk);
      for (const { index = 0, delta, ...rest } of objectsIn(chunk.choices)) {
        const choice = choiceAt(index);
        mergeDelta(choice.rest, rest);
        if (!isObject(delta)) continue;
        const { tool_calls: toolCalls, ...text } = delta;
        mergeDelta(choice.message, text);
        for (const piece of objectsIn(toolCalls)) choice.toolCalls.add(piece);
      }
    },
    result() {
      const inOrder = [...choices.values()].sort((a, b) => Number(a.rest.index) - Number(b.rest.index));
      return replyResult({ ...head, object: 'chat.completion', choices: inOrder.map(toChoice) });
    },
  };
}

function toChoice({ rest, message, toolCalls }: Choice): JsonObject {
  const calls = toolCalls.calls();
  return {
    ...rest,
    message: {
      role: 'assistant',
      content: null,
      ...message,
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    },
  };
}
