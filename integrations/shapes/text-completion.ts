import type { ChunkCollector } from '../../src/integration.ts';
import { withHead } from './chunk-head.ts';
import { isObject, type JsonObject, objectsIn } from './json-object.ts';
import { type MutableObject, mergeDelta } from './merge-delta.ts';
import { replyResult } from './reply.ts';

/** Makes a collector that turns the chunks of a legacy completion's stream into the completion that they amount to. */
export function createTextCollector(): ChunkCollector {
  let head: JsonObject = {};
  const choices = new Map<unknown, MutableObject>();
  return {
    add(chunk) {
      if (!isObject(chunk)) return;
      head = withHead(head, chunk);
      for (const choice of objectsIn(chunk.choices)) {
        const { index = 0 } = choice;
        const whole = choices.get(index) ?? {};
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
