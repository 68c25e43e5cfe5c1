import { AutologError } from '../../errors.ts';
import type { RecordSource } from '../delivery.ts';

/** Sees to it that a delivery comes to its end: a database that keeps no positions would be given the same for ever. */
export class DeliveryProgress {
  readonly #source: RecordSource;
  #last = -1;

  constructor(source: RecordSource) {
    this.#source = source;
  }

  /**
   * Whether the database has come on since it was asked last; false for a journal that is over.
   *
   * @throws {AutologError} INVALID_STATE.
   */
  reaches(position: number): boolean {
    const isFurther = Number.isSafeInteger(position) && position > this.#last;
    this.#last = position;
    if (isFurther) return true;
    if (this.#source.isOver?.()) return false;
    throw new AutologError(
      'INVALID_STATE',
      `Cannot deliver the journal '${this.#source.id}': the database does not keep how far it was delivered; see the triggers and the content of its table autolog_journals.`,
    );
  }
}
