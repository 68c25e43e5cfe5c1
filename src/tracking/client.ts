import { TraceClient } from './client/trace-client.ts';

/**
 * Reads and writes a tracking store by ids, whatever run is active.
 *
 * A method that writes resolves when the store holds what was written, and rejects with an {@link AutologError} when
 * it refuses. A method that reads sees everything that this process has logged before. `await using` delivers in the
 * end what was logged to the store.
 */
export class MlflowClient extends TraceClient {}
