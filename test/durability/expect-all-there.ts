import fs from 'node:fs';
import { expect } from 'vitest';
import type { TrackingStore } from '../../src/store/tracking-store.ts';
import { syncJournals } from '../../src/tracking/delivery/sync-journals.ts';
import { type CrashedRun, type CrashRound, playRound } from './crash-rounds.ts';

/** What a store has of a run. */
export interface Counted {
  readonly runId: string;
  readonly points: number;
  readonly steps: number;
  readonly last: number;
  readonly status: string;
}

/** Reads a row that `COUNTS` gave back. */
export function toCounted([runId, points, steps, last, status]: readonly unknown[]): Counted {
  return {
    runId: String(runId),
    points: Number(points),
    steps: Number(steps),
    last: Number(last),
    status: String(status),
  };
}

/** Every point that was logged before a call returned is there, once; so is what came of one more call at most. */
export function expectAllThere(runs: readonly CrashedRun[], stored: readonly Counted[]): void {
  const found = new Map(stored.map((it) => [it.runId, it]));
  for (const { runId, acknowledged } of runs) {
    if (acknowledged === 0) continue;
    const { points = 0, steps, last, status } = found.get(runId) ?? {};
    expect({ runId, steps, last, status }).toEqual({ runId, steps: points, last: points - 1, status: 'KILLED' });
    expect([acknowledged, acknowledged + 1]).toContain(points);
  }
}

/** Delivers what is left, until no journal is there; nothing of it may be refused. */
export async function settle(store: TrackingStore): Promise<void> {
  expect(await syncJournals(store)).toMatchObject({ failure: null, refused: 0 });
  const names = fs.existsSync(store.journalFolder) ? fs.readdirSync(store.journalFolder) : [];
  // Where a process has told of refused records, they would be kept here.
  expect(names.filter((name) => name.endsWith('.jsonl') && name !== 'ids.jsonl')).toEqual([]);
}

/** Plays rounds one after the other. */
export async function play(rounds: number, round: CrashRound): Promise<{ kills: number; runs: CrashedRun[] }> {
  const total = { kills: 0, runs: [] as CrashedRun[] };
  for (let index = 0; index < rounds; index++) {
    const { kills, runs } = await playRound(round);
    total.kills += kills;
    total.runs.push(...runs);
  }
  expect(total.runs.some(({ acknowledged }) => acknowledged > 0)).toBe(true);
  return total;
}

/** Asks a database of MLflow for what it has of each run with metrics. */
export const COUNTS = `SELECT r.run_uuid AS run_id, count(m.step) AS points, count(DISTINCT m.step) AS steps, max(m.step) AS last, r.status
  FROM runs r JOIN metrics m ON m.run_uuid = r.run_uuid GROUP BY r.run_uuid, r.status`;
