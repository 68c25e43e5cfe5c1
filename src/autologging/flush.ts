import type { RunStatus } from '../entities/run.ts';
import { flushExport } from '../tracing/otlp/otlp-export.ts';
import { flush as flushWriters, shutdown as shutDownWriters } from '../tracking/delivery/writers.ts';
import { attachmentsStored } from './store-attachments.ts';

/**
 * Delivers everything that was logged before the call, to whichever stores, and sends the spans that have ended to the
 * collector, if there is one.
 *
 * @throws {AutologError} when a store cannot be reached or written; nothing is lost then.
 */
export async function flush(): Promise<void> {
  await Promise.all([flushWriters(), flushExport()]);
  await attachmentsStored();
}

/**
 * Ends the runs that are open, delivers everything and removes the journals, as happens at the end of the program too;
 * for places where that end is not seen, as a function in the cloud. What is logged afterwards is kept as before.
 *
 * @throws {AutologError} when a store cannot be reached or written; nothing is lost then.
 */
export async function shutdown(status?: RunStatus): Promise<void> {
  await Promise.all([attachmentsStored(), flushExport()]);
  await shutDownWriters(status);
}
