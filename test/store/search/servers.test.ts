import { expect, it } from 'vitest';
import type { TrackingStore } from '../../../src/store/tracking-store.ts';
import { openStore } from '../records.ts';
import { onEachServer, openStore as openServerStore } from '../servers/on-each-server.ts';
import { makeCases, type Searched, walk } from './search-cases.ts';
import { fillForSearch } from './search-data.ts';

const COUNTS: Readonly<Record<Searched, number>> = { experiments: 40, runs: 150, models: 80, traces: 150 };

onEachServer('search', (server) => {
  it('finds what it finds on SQLite, in the same order, on all pages', { timeout: 240_000 }, async () => {
    const embedded = openStore();
    const store = openServerStore(await server.createDatabase());
    const experimentIds = await fillForSearch(embedded);
    expect(await fillForSearch(store)).toEqual(experimentIds);
    const differences: string[] = [];
    for (const each of Object.entries(COUNTS).flatMap(([of, count]) => makeCases(of as Searched, count, 11))) {
      const walkOf = (it: TrackingStore) => walk(it, experimentIds, each).catch((error: Error) => [error.message]);
      const wanted = await walkOf(embedded);
      const ids = await walkOf(store);
      if (ids.join() === wanted.join()) continue;
      differences.push(`${each.of}: ${each.filter} | ${each.orderBy}\nserver: ${ids}\nSQLite: ${wanted}`);
    }
    expect(differences).toEqual([]);
  });
});
