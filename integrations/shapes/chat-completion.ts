import type { ChunkCollector } from '../../src/integration.ts';
import { MAX_ITEMS } from './bounds.ts';
import { addToHead } from './chunk-head.ts';
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
  const head: MutableObject = {};
  const choices = new Map<unknown, Choice>();

  function choiceAt(index: unknown): Choice | undefined {
    const known = choices.get(index);
    if (known !== undefined || choices.size >= MAX_ITEMS) return known;
    const choice = { rest: { index }, message: {}, toolCalls: createToolCallCollector() };
    choices.set(index, choice);
    return choice;
  }

  return {
    isLeaf: true,
    add(chunk) {
      if (!isObject(chunk)) return;
      addToHead(head, chunk);
      for (const piece of objectsIn(chunk.choices)) {
        const { index = 0, delta } = piece;
        const choice = choiceAt(index);
        if (choice === undefined) continue;
        mergeDelta(choice.rest, piece, NOT_IN_REST);
        if (!isObject(delta)) continue;
        mergeDelta(choice.message, delta, NOT_IN_MESSAGE);
        for (const call of objectsIn(delta.tool_calls)) choice.toolCalls.add(call);
      }
    },
    result() {
      const inOrder = [...choices.values()].sort((a, b) => Number(a.rest.index) - Number(b.rest.index));
      return replyResult({ ...head, object: 'chat.completion', choices: inOrder.map(toChoice) });
    },
  };
}

const NOT_IN_REST = new Set(['index', 'delta']);
const NOT_IN_MESSAGE = new Set(['tool_calls']);

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
