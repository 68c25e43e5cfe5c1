import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../../src/store/log-record.ts';
import type { SqliteTrackingStore } from '../../../src/store/sql/sqlite-tracking-store.ts';
import { createRun, deliver, metric, openStore } from '../records.ts';

const ids = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => String(index).padStart(32, '0'));

function run(runId: string, startTime: number): LogRecord {
  return createRun({ runId, startTime });
}

async function search(store: SqliteTrackingStore, pageToken: string | null, orderBy: readonly string[] = []) {
  const experimentIds = ['1'];
  const page = await store.searchRuns({ experimentIds, orderBy, maxResults: 2, pageToken });
  return { ids: page.items.map(({ info }) => Number(info.runId)), next: page.nextPageToken };
}

describe('pages of a search', () => {
  it('begin after the last run of the page before, although others came and went', async () => {
    const store = openStore();
    deliver(store, ...ids(6).map((id, index) => run(id, 100 - index)));
    const first = await search(store, null);
    expect(first.ids).toEqual([0, 1]);
    deliver(store, run('9'.padStart(32, '0'), 1000));
    await store.deleteRun(ids(2)[1] as string);
    const second = await search(store, first.next);
    expect(second.ids).toEqual([2, 3]);
    const third = await search(store, second.next);
    expect(third).toEqual({ ids: [4, 5], next: null });
  });

  it('tell runs with equal values apart', async () => {
    const store = openStore();
    deliver(store, ...ids(7).map((id) => run(id, 5)));
    const found: number[] = [];
    let next: string | null = null;
    do {
      const page = await search(store, next, ['status ASC']);
      found.push(...page.ids);
      next = page.next;
    } while (next !== null);
    expect(found).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it.each([
    ['ASC', [2, 4, 0, 1, 5, 3]],
    ['DESC', [0, 4, 2, 1, 5, 3]],
  ])('sort a metric %s: infinities at the ends, then NaN, then runs without it', async (direction, expected) => {
    const store = openStore();
    const values = { 0: 'Infinity', 1: 'NaN', 2: '-Infinity', 4: 0.5, 5: 'NaN' } as const;
    deliver(
      store,
      ...ids(6).map((id) => run(id, 5)),
      ...Object.entries(values).map(([id, value]) => metric(0, value, { runId: ids(6)[Number(id)] as string })),
    );
    const found: number[] = [];
    let next: string | null = null;
    do {
      const page = await search(store, next, [`metrics.loss ${direction}`]);
      found.push(...page.ids);
      next = page.next;
    } while (next !== null);
    expect(found).toEqual(expected);
  });

  it('are refused for a token of another search, for a changed one and for what is none', async () => {
    const store = openStore();
    deliver(store, ...ids(6).map((id, index) => run(id, 100 - index)));
    const { next } = await search(store, null);
    await expect(search(store, next, ['status ASC'])).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    const [version, request] = JSON.parse(Buffer.from(String(next), 'base64url').toString());
    const changed = [
      [],
      [['value', 1]],
      [
        ['value', '1'],
        ['value', 'a'],
      ],
      [['null'], ['null']],
      [{}, 1],
    ];
    const tokens = [...changed.map((place) => JSON.stringify([version, request, place])), '{}', 'null', '[1,2]'];
    for (const token of [...tokens.map((text) => Buffer.from(text).toString('base64url')), 'x', 'ÄÖ', ' ']) {
      await expect(search(store, token)).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    }
  });

  it('find nothing in no experiment', async () => {
    const store = openStore();
    const none = { items: [], nextPageToken: null };
    expect(await store.searchRuns({ experimentIds: [] })).toEqual(none);
    expect(await store.searchTraces({ experimentIds: [] })).toEqual(none);
    expect(await store.searchLoggedModels({ experimentIds: [] })).toEqual(none);
    expect(await store.searchDatasets([])).toEqual([]);
  });
});
