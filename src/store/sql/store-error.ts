import { AutologError, type ErrorCode } from '../../errors.ts';

/**
 * What made a database refuse.
 *
 * `value`: what the statement says, which is refused each time; `duplicate`: a row that is there already, which another
 * transaction may have made at once; `conflict`: another transaction came between, and the whole is to be tried again;
 * `busy`: another one holds a lock; `connection`: the server is away; `other`: the rest.
 */
export type StoreFault = 'value' | 'duplicate' | 'conflict' | 'busy' | 'connection' | 'other';

/** A failure of the database itself, not of what a record says. */
export class StoreError extends AutologError {
  readonly fault: StoreFault;

  constructor(code: ErrorCode, fault: StoreFault, message: string, cause: unknown) {
    super(code, message, { cause });
    this.fault = fault;
  }
}

/** Whether an error came from the database, not from what a record says. */
export function isStoreError(error: unknown): error is StoreError {
  return error instanceof StoreError;
}
