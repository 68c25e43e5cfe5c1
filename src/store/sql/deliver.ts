import type { RecordSource, RejectedRecord } from '../delivery.ts';
import { applyChunk, type ChunkAt, type ChunkTarget, readPosition } from './apply-chunk.ts';
import { DeliveryProgress } from './delivery-progress.ts';
import type { SqliteEngine } from './sqlite-engine.ts';
import { isStoreError } from './store-error.ts';

/** A SQLite database that a journal is delivered to. */
export interface DeliveryTarget extends ChunkTarget {
  readonly engine: SqliteEngine;
}

/**
 * Stores what a journal holds beyond its recorded position, chunk by chunk; each in one transaction with the position.
 *
 * @throws {AutologError} when the database fails; the chunks before are stored, nothing of this one is.
 */
export function deliverJournal(source: RecordSource, target: DeliveryTarget): readonly RejectedRecord[] {
  const rejected: RejectedRecord[] = [];
  const progress = new DeliveryProgress(source);
  for (;;) {
    const position = target.engine.run(readPosition(source.id));
    if (!progress.reaches(position)) return rejected;
    const chunk = source.read(position);
    if (chunk.end <= position) return rejected;
    for (const refusal of storeChunk({ source, position, chunk }, target)) rejected.push(refusal);
  }
}

function storeChunk(at: ChunkAt, target: DeliveryTarget): readonly RejectedRecord[] {
  try {
    return target.engine.transaction(applyChunk(at, target));
  } catch (error) {
    // Some record fails in the midst of its writes: again, now with a savepoint before each, which costs time.
    if (isStoreError(error) && error.fault !== 'value') throw error;
    return target.engine.transaction(applyChunk(at, target, ['value']));
  }
}
