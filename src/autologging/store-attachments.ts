import { resolveArtifactRepository } from '../artifacts/resolve.ts';
import { TraceKey } from '../entities/trace-keys.ts';
import { reportFailure } from '../failures.ts';
import { inNoContext } from '../no-context.ts';
import type { Attachment } from '../tracing/attachment.ts';
import { giveRoom } from '../tracing/attachment-room.ts';
import type { Writer } from '../tracking/delivery/writer.ts';

let pending: Promise<void> = Promise.resolve();
let pendingCount = 0;
let isWatched = false;

/**
 * Stores the files of a trace once the store has the trace, and knows where its files belong; what goes wrong is told.
 * Until then they are in memory.
 */
export function storeAttachments(writer: Writer, traceId: string, attachments: readonly Attachment[]): void {
  if (!isWatched) process.on('exit', tellLost);
  isWatched = true;
  pendingCount += 1;
  pending = inNoContext(() => pending.then(() => store(writer, traceId, attachments)));
}

/** Waits for the files that are on their way. */
export async function attachmentsStored(): Promise<void> {
  while (pendingCount > 0) await pending;
}

async function store(writer: Writer, traceId: string, attachments: readonly Attachment[]): Promise<void> {
  try {
    await writer.flush();
    const repository = resolveArtifactRepository(await artifactLocation(writer, traceId), {
      trackingUri: writer.store.uri,
    });
    for (const { id, content } of attachments) await repository.logContent(`attachments/${id}`, content);
  } catch (error) {
    tell(error);
  } finally {
    for (const { content } of attachments) giveRoom(content.length);
    pendingCount -= 1;
  }
}

function tellLost(): void {
  if (pendingCount === 0) return;
  tell(new Error(`the program ended before those of ${pendingCount} traces were stored; await flush() before`));
}

function tell(error: unknown): void {
  try {
    reportFailure('storing the attachments of a trace', error);
  } catch {
    // In test mode this is counted only: nobody waits here.
  }
}

async function artifactLocation({ store }: Writer, traceId: string): Promise<string> {
  const { tags, experimentId } = await store.getTraceInfo(traceId);
  const known = tags[TraceKey.artifactLocation];
  if (known !== undefined) return known;
  const { artifactLocation: location } = await store.getExperiment(experimentId);
  return `${location.replace(/\/$/, '')}/traces/${traceId}/artifacts`;
}
