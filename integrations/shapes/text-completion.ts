import type { ChunkCollector } from '../../src/integration.ts';
import { MAX_ITEMS } from './bounds.ts';
import { addToHead } from './chunk-head.ts';
import { isObject, objectsIn } from './json-object.ts';
import { type MutableObject, mergeDelta } from './merge-delta.ts';
import { replyResult } from './reply.ts';

/** Makes a collector that turns the chunks of a legacy completion's stream into the completion that they amount to. */
export function createTextCollector(): ChunkCollector {
  const head: MutableObject = {};
  const choices = new Map<unknown, MutableObject>();
  return {
    isLeaf: true,
    add(chunk) {
      if (!isObject(chunk)) return;
      addToHead(head, chunk);
      for (const choice of objectsIn(chunk.choices)) {
        const { index = 0 } = choice;
        const whole = choices.get(index) ?? {};
        if (choices.size >= MAX_ITEMS && !choices.has(index)) continue;
        choices.set(index, whole);
        mergeDelta(whole, choice);
      }
    },
    result() {
      const inOrder = [...choices.values()].sort((a, b) => Number(a.index) - Number(b.index));
      return replyResult({ ...head, choices: inOrder });
    },
  };
}
