import type { RecordChunk, RecordSource } from '../../store/delivery.ts';

/**
 * Shows a store one chunk of a source and then its end, so that what the store said of this chunk is known before
 * the next one can fail.
 */
export class OneChunk implements RecordSource {
  readonly #source: RecordSource;
  #start: number | null = null;
  #end: number | null = null;
  #committed: number | null = null;

  constructor(source: RecordSource) {
    this.#source = source;
  }

  get id(): string {
    return this.#source.id;
  }

  /** Position from which the store asked last: everything before it is stored. Null when it did not ask. */
  get committed(): number | null {
    return this.#committed;
  }

  /** Whether the source held nothing that was not stored already. */
  get wasEmpty(): boolean {
    return this.#start === this.#end;
  }

  isOver(): boolean {
    return this.#source.isOver?.() ?? false;
  }

  read(position: number): RecordChunk {
    this.#committed = position;
    if (this.#end !== null) return { records: [], end: position };
    const chunk = this.#source.read(position);
    this.#start = position;
    this.#end = chunk.end;
    return chunk;
  }
}
