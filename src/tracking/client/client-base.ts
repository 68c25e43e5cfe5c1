import { validateRunId } from '../../entities/validation.ts';
import type { LogRecord } from '../../store/log-record.ts';
import { resolveTrackingStore } from '../../store/store-uri.ts';
import type { TrackingStore } from '../../store/tracking-store.ts';
import type { Writer } from '../delivery/writer.ts';
import { writerFor } from '../delivery/writers.ts';
import { getTrackingUri } from '../settings.ts';

/** What all parts of the client share: one store and the writer of this thread for it. */
export class ClientBase {
  protected readonly store: TrackingStore;
  protected readonly writer: Writer;

  /** @throws {AutologError} when no store can be made from the URI. @default the tracking URI in force */
  constructor(trackingUri: string = getTrackingUri()) {
    this.store = resolveTrackingStore(trackingUri);
    this.writer = writerFor(this.store);
  }

  /** Tracking URI of the store, without credentials. */
  get trackingUri(): string {
    return this.store.uri;
  }

  /** Delivers what was logged to this store; the client can be used on. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.writer.flush();
  }

  /** The store, once it holds everything that this process has logged. */
  protected async upToDate(): Promise<TrackingStore> {
    await this.writer.flush();
    return this.store;
  }

  /** Resolves when the store holds the records; rejects with what it refuses first. */
  protected async write(records: readonly LogRecord[]): Promise<void> {
    for (const record of records) if ('runId' in record && record.runId !== null) validateRunId(record.runId);
    await Promise.all(records.map((record) => this.writer.appendSettled(record)));
  }
}
