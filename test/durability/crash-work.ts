import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TrackingStore } from '../../src/store/tracking-store.ts';
import { syncJournals } from '../../src/tracking/delivery/sync-journals.ts';
import { Writer } from '../../src/tracking/delivery/writer.ts';

/** Points that are logged before the thread is free for a moment. */
const BURST = 20;
/** After so many points a run is begun and ended: were they delivered twice, that run would be refused. */
const RUN_EVERY = 50;
/** A process that nobody kills ends after this time, in milliseconds. */
const LIFE_MS = 20_000;

/** What the process does until it is killed. */
export type CrashRole = 'logger' | 'shipper' | 'reader';

/**
 * Logs, delivers or reads until it is killed. A logger tells after each call how many have returned: in four bytes of a
 * file, which outlive it.
 */
export async function work(store: TrackingStore, role: CrashRole, runId: string, ackFile: string): Promise<void> {
  const endAt = Date.now() + LIFE_MS;
  const job = {
    logger: () => log(store, runId, ackFile, endAt),
    shipper: () => syncJournals(store),
    reader: read,
  };
  async function read(): Promise<void> {
    try {
      await new Writer(store).flush();
      await store.searchRuns({ experimentIds: ['0'], maxResults: 1 });
    } catch (error) {
      // Its server is away just now.
      if ((error as { code?: unknown }).code !== 'TEMPORARILY_UNAVAILABLE') throw error;
    }
  }
  process.stdout.write('r');
  while (Date.now() < endAt) {
    await job[role]();
    await sleep(1);
  }
  process.exit(1);
}

async function log(store: TrackingStore, runId: string, ackFile: string, endAt: number): Promise<void> {
  const writer = new Writer(store);
  const acks = fs.openSync(ackFile, 'w');
  const count = new Uint32Array(1);
  const begin = (id: string) =>
    writer.append({
      op: 'createRun',
      runId: id,
      experiment: { id: '0' },
      name: id,
      userId: 'u',
      startTime: 1,
      tags: {},
    });
  begin(runId);
  for (let step = 0; Date.now() < endAt; step++) {
    writer.append({ op: 'metric', runId, key: 'm', value: step, timestamp: step, step });
    count[0] = step + 1;
    fs.writeSync(acks, count, 0, 4, 0);
    if (step % RUN_EVERY === 0) {
      const id = toRunId(runId, step);
      begin(id);
      writer.append({ op: 'updateRun', runId: id, status: 'FINISHED', endTime: 2 });
    }
    if (step % BURST !== 0) continue;
    if (Math.random() < 0.2) await writer.flush().catch(() => undefined);
    await sleep(1);
  }
}

function toRunId(runId: string, step: number): string {
  return runId.slice(0, 22) + String(step).padStart(10, '0');
}
