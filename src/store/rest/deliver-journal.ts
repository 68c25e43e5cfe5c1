import { steadyMs } from '../../clock.ts';
import type { DeliverOptions, RecordSource, RejectedRecord } from '../delivery.ts';
import { deliverChunk, happensOnce } from './deliver-chunk.ts';
import { DeliveryContext } from './delivery-context.ts';
import type { ExperimentIds } from './experiment-ids.ts';
import type { IdMap } from './id-map.ts';
import { withJournalLock } from './journal-lock.ts';
import { readPosition, writePosition } from './journal-position.ts';
import type { RestApi } from './rest-api.ts';
import type { SpanPlace } from './span-place.ts';

/** Where journals are delivered to. */
export interface JournalTarget {
  readonly api: RestApi;
  readonly journalFolder: string;
  readonly ids: IdMap;
  readonly experiments: ExperimentIds;
  readonly place: SpanPlace;
}

const PATIENCE_MS = 20_000;

/**
 * Delivers what a journal holds beyond its position, chunk by chunk; the position is written when the server has
 * answered. What was sent before a failure is sent again, which changes nothing there.
 *
 * @throws {AutologError} TEMPORARILY_UNAVAILABLE while another process delivers the journal or the server is away.
 */
export async function deliverJournal(
  source: RecordSource,
  target: JournalTarget,
  { patienceMs = PATIENCE_MS }: DeliverOptions = {},
): Promise<readonly RejectedRecord[]> {
  const rejected: RejectedRecord[] = [];
  const deliverNext = () => deliverOne(source, target, steadyMs() + patienceMs);
  for (;;) {
    const next = await withJournalLock(target.journalFolder, source.id, patienceMs, deliverNext);
    if (next === null) return rejected;
    for (const refusal of next) rejected.push(refusal);
  }
}

/** Delivers one chunk; null when there is none. */
async function deliverOne(
  source: RecordSource,
  { api, journalFolder, ids, experiments, place }: JournalTarget,
  retryUntilMs: number,
): Promise<readonly RejectedRecord[] | null> {
  const { position, wasTried } = readPosition(journalFolder, source.id);
  const chunk = source.read(position);
  if (chunk.end <= position || source.isOver?.()) return null;
  if (!wasTried && chunk.records.some(happensOnce))
    writePosition(journalFolder, source.id, { position, wasTried: true });
  const call = { retryUntilMs };
  const context = new DeliveryContext({ api, ids, experiments, call, isAgain: wasTried });
  const rejected = await deliverChunk(chunk.records, place, context);
  writePosition(journalFolder, source.id, { position: chunk.end, wasTried: false });
  return rejected;
}
