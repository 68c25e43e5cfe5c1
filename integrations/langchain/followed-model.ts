import type { CallFollower } from '../../src/integration.ts';
import { isObject, type JsonObject, objectsIn } from '../shapes/json-object.ts';
import { isMessage } from './message.ts';
import { countChunk } from './open-runs.ts';
import type { RunEvents } from './run-events.ts';

/** So many chunks are kept one by one; then they are put together. */
const MAX_CHUNKS = 1000;

/** A call of a model that is told of by what the call itself gives: an answer, or pieces of one. */
export class FollowedModel implements CallFollower {
  readonly #events: RunEvents;
  readonly #runIds: readonly string[];
  readonly #signal: AbortSignal | undefined;
  #chunks: unknown[] = [];

  /** One run for each conversation or prompt; `signal` is the one of the call. */
  constructor(events: RunEvents, runIds: readonly string[], signal?: AbortSignal) {
    this.#events = events;
    this.#runIds = runIds;
    this.#signal = signal;
  }

  resolved(result: unknown): void {
    const { generations, llmOutput } = isObject(result) ? result : {};
    const lists = Array.isArray(generations) ? (generations as unknown[]) : [];
    this.#runIds.forEach((runId, index) => {
      const list = objectsIn(lists[index]);
      const output = metadataOf(list) ?? (this.#runIds.length === 1 ? llmOutput : undefined);
      const answer = { generations: [list], llmOutput: output };
      this.#events.handleLLMEnd(answer, runId, undefined, undefined, { cached: list.some(isFromCache) });
    });
  }

  failed(error: unknown): void {
    for (const runId of this.#runIds) this.#events.handleLLMError(error, runId);
  }

  chunk(chunk: unknown): void {
    const [runId] = this.#runIds;
    const content = isMessage(chunk) ? chunk.content : chunk;
    if (runId !== undefined && content !== '') countChunk(runId);
    this.#chunks.push(chunk);
    if (this.#chunks.length >= MAX_CHUNKS) this.#chunks = [concat(this.#chunks)];
    // The consumer has its error already, and the library asks for no further chunk.
    if (this.#signal?.aborted) this.failed(this.#signal.reason);
  }

  ended(): void {
    this.#endStream({});
  }

  cancelled(): void {
    this.#endStream({ cancelled: true });
  }

  #endStream(extra: JsonObject): void {
    const [runId] = this.#runIds;
    if (runId === undefined) return;
    const whole = concat(this.#chunks);
    this.#chunks = [];
    const generations = whole === undefined ? [] : [[isMessage(whole) ? { message: whole } : { text: whole }]];
    this.#events.handleLLMEnd({ generations }, runId, undefined, undefined, extra);
  }
}

/** Pieces put together by the library's own means. */
function concat(chunks: readonly unknown[]): unknown {
  if (chunks.every((chunk) => typeof chunk === 'string')) return chunks.length === 0 ? undefined : chunks.join('');
  return chunks.reduce((whole, chunk) =>
    isObject(whole) && typeof whole.concat === 'function' ? (whole.concat(chunk) as unknown) : chunk,
  );
}

/** The library adds what it knows of the whole call to its only message. */
function metadataOf(generations: readonly JsonObject[]): unknown {
  const [only, ...more] = generations;
  return more.length === 0 && isObject(only?.message) ? only.message.response_metadata : undefined;
}

/** The library empties the usage of what it has from its cache. */
function isFromCache({ generationInfo }: JsonObject): boolean {
  if (!isObject(generationInfo) || !isObject(generationInfo.tokenUsage)) return false;
  return Object.keys(generationInfo.tokenUsage).length === 0;
}
