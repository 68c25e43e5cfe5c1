import { MAX_ITEMS } from './bounds.ts';
import { type JsonObject, textIn } from './json-object.ts';
import { type MutableObject, mergeDelta } from './merge-delta.ts';

/** Puts the tool calls of one streamed message together. */
export interface ToolCallCollector {
  add(piece: JsonObject): void;
  /** The calls in the order in which they began. */
  calls(): readonly JsonObject[];
}

/**
 * Makes a collector that tells parallel calls apart by id first, then by index.
 *
 * OpenAI gives the id with the first piece and the index with all. Compatible servers give index 0 to every call, or no
 * index, or the id with every piece (ollama #15457 and #7881).
 */
export function createToolCallCollector(): ToolCallCollector {
  const calls: MutableObject[] = [];
  const byId = new Map<string, MutableObject>();
  const byIndex = new Map<unknown, MutableObject>();

  function find(id: string | undefined, index: unknown, isNamed: boolean): MutableObject | undefined {
    const known = id === undefined ? undefined : byId.get(id);
    if (known !== undefined) return known;
    if (index === undefined) {
      const last = calls.at(-1);
      const begins = id === undefined ? isNamed && last?.function !== undefined : last?.id !== undefined;
      return begins ? undefined : last;
    }
    const atIndex = byIndex.get(index);
    return id !== undefined && atIndex?.id !== undefined ? undefined : atIndex;
  }

  return {
    add({ index, ...piece }) {
      const id = textIn(piece.id);
      let call = find(id, index, isNamed(piece));
      if (call === undefined) {
        if (calls.length >= MAX_ITEMS) return;
        call = {};
        calls.push(call);
      }
      if (id !== undefined) byId.set(id, call);
      else delete (piece as MutableObject).id;
      if (index !== undefined) byIndex.set(index, call);
      mergeDelta(call, piece);
    },
    calls: () => calls,
  };
}

function isNamed({ function: fn }: JsonObject): boolean {
  return textIn((fn as JsonObject | undefined)?.name) !== undefined;
}
