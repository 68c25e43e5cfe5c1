import { expect, test } from 'vitest';
import { deliverInProcess, onEachServer, openStore } from './on-each-server.ts';

const RUNS = Array.from({ length: 8 }, (_, index) => String(index + 1).repeat(32));
const LIMIT_MS = 120_000;

onEachServer('several processes', (server) => {
  test('eight that make one database at once all find it complete', { timeout: LIMIT_MS }, async () => {
    const uri = await server.createDatabase();
    const startAt = Date.now() + 4000;
    const refused = await Promise.all(RUNS.map((id) => deliverInProcess(uri, `journal-${id}`, id, 30, startAt)));
    expect(refused).toEqual(RUNS.map(() => '[]'));
    const names = await server.ask(uri, 'SELECT name FROM experiments ORDER BY experiment_id');
    expect(names.map(({ name }) => name)).toEqual(['Default', 'shared']);
    expect(await server.ask(uri, 'SELECT version_num FROM alembic_version')).toHaveLength(1);
    const counts = await server.ask(
      uri,
      'SELECT run_uuid, COUNT(*) AS n FROM metrics GROUP BY run_uuid ORDER BY 1',
    );
    expect(counts.map(({ run_uuid: id, n }) => [id, Number(n)])).toEqual(RUNS.map((id) => [id, 30]));
  });

  test('a journal that three deliver at once is stored exactly once', { timeout: LIMIT_MS }, async () => {
    const uri = await server.createDatabase();
    const [runId = ''] = RUNS;
    await openStore(uri).getExperiment('0');
    const startAt = Date.now() + 2500;
    const refused = await Promise.all([1, 2, 3].map(() => deliverInProcess(uri, 'one', runId, 3000, startAt)));
    // Were a chunk stored twice, its first record, which begins the run, would be refused.
    expect(refused).toEqual(['[]', '[]', '[]']);
    const points = await server.ask(uri, 'SELECT step FROM metrics ORDER BY step');
    expect(points.map(({ step }) => Number(step))).toEqual(Array.from({ length: 3000 }, (_, step) => step));
    const journals = await server.ask(uri, 'SELECT journal_id, position FROM autolog_journals');
    expect(journals.map((row) => [row.journal_id, Number(row.position)])).toEqual([['one', 3001]]);
  });

  test('one that is killed again and again, from the making of the tables on, loses and doubles nothing', {
    timeout: LIMIT_MS,
  }, async () => {
    const uri = await server.createDatabase();
    const [runId = ''] = RUNS;
    for (const killAfterMs of [300, 450, 600, 800, 1000, 1200, 1500]) {
      await deliverInProcess(uri, 'one', runId, 20_000, 0, killAfterMs).catch(() => 'killed');
    }
    expect(await deliverInProcess(uri, 'one', runId, 20_000, 0)).toBe('[]');
    const [points] = await server.ask(uri, 'SELECT COUNT(*) AS n, COUNT(DISTINCT step) AS steps FROM metrics');
    expect([Number(points?.n), Number(points?.steps)]).toEqual([20_000, 20_000]);
    const { metrics } = await openStore(uri).getRun(runId);
    expect(metrics.loss1).toMatchObject({ step: 19_999, value: 19_999 });
  });

  test('stores that change the same rows at once all succeed', { timeout: LIMIT_MS }, async () => {
    const uri = await server.createDatabase();
    const stores = [openStore(uri), openStore(`${uri}?connect_timeout=9`), openStore(`${uri}?connect_timeout=8`)];
    const [first = openStore(uri)] = stores;
    const id = await first.createExperiment('demo');
    const changes = Array.from({ length: 60 }, (_, index) =>
      stores[index % 3]?.setExperimentTag(id, `k${index % 4}`, `v${index}`),
    );
    await Promise.all(changes);
    expect(Object.keys((await first.getExperiment(id)).tags).sort()).toEqual(['k0', 'k1', 'k2', 'k3']);
    const made = await Promise.allSettled(stores.map((store) => store.createExperiment('at once')));
    expect(made.map((it) => it.status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    for (const it of made) {
      if (it.status === 'rejected') expect(it.reason).toMatchObject({ code: 'RESOURCE_ALREADY_EXISTS' });
    }
  });
});
