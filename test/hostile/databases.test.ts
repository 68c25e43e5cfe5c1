import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveTrackingStore } from '../../src/store/store-uri.ts';
import { execute } from '../store/raw-database.ts';
import { createRun, deliver, journalOf, metric, openStore, RUN, span, TRACE, trace } from '../store/records.ts';
import { requireMariadb, requirePostgresql } from '../support/servers.ts';
import { temporaryFolder } from './surroundings.ts';

const OTHER = `tr-${'0f'.repeat(16)}`;

/** A store with a run and two traces with an assessment each, of which statements then spoil the first. */
async function spoiledStore(...statements: readonly string[]) {
  const file = path.join(temporaryFolder(), 'mlflow.db');
  const store = openStore(file);
  const second = { traceId: OTHER, spanId: 'ef'.repeat(8) };
  deliver(store, createRun(), metric(0, 1), trace(), span(), trace({ traceId: OTHER }), span(second));
  for (const traceId of [TRACE, OTHER]) {
    await store.createAssessment({
      traceId,
      spanId: null,
      name: 'good',
      kind: 'feedback',
      value: true,
      error: null,
      source: { sourceType: 'HUMAN', sourceId: 'ada' },
      rationale: null,
      metadata: {},
      overrides: null,
    });
  }
  execute(file, ...statements);
  return store;
}

describe('a trace that somebody has spoilt', () => {
  test.each([
    `value = '{not json'`,
    `error = '5'`,
    `error = '"x"', assessment_metadata = '"x"'`,
    `error = '[1', assessment_metadata = '[1'`,
    `assessment_metadata = '[null]', created_timestamp = 'abc', assessment_type = 'weird'`,
  ])('by an assessment with %s hides neither itself nor others', async (change) => {
    const store = await spoiledStore(`UPDATE assessments SET ${change} WHERE trace_id = '${TRACE}'`);
    const { items } = await store.searchTraces({ experimentIds: ['1'] });
    expect(items.map(({ traceId, assessments }) => [traceId, assessments.length]).sort()).toEqual([
      [OTHER, 1],
      [TRACE, 1],
    ]);
    expect((await store.getTrace(TRACE)).info.assessments).toHaveLength(1);
  });

  test.each([
    `content = '{'`,
    `content = 'null'`,
    `content = '{"attributes": 5, "events": 5, "links": [null], "status": null}'`,
    `content = '{"events": [{"time_unix_nano": "abc"}], "links": [{"trace_id": 5}]}'`,
    `content = '{"status": {"code": 5}}'`,
    `start_time_unix_nano = 'abc', end_time_unix_nano = 1.5, name = NULL`,
  ])('by a span with %s hides neither itself nor others', async (change) => {
    const store = await spoiledStore(`UPDATE spans SET ${change} WHERE trace_id = '${TRACE}'`);
    const traces = await store.getTraces([TRACE, OTHER]);
    expect(traces.map(({ info, spans }) => [info.traceId, spans.length])).toEqual([
      [TRACE, 1],
      [OTHER, 1],
    ]);
  });

  test('by a span with __proto__ among its attributes sets no prototype', async () => {
    const store = await spoiledStore(`UPDATE spans SET content = '{"attributes": {"__proto__": "{\\"x\\": 1}"}}'`);
    const attributes = (await store.getTrace(TRACE)).spans[0]?.attributes;
    expect(Object.keys(attributes ?? {})).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype);
  });
});

describe('a database that keeps no positions of journals', () => {
  test.each([
    'CREATE TRIGGER none BEFORE INSERT ON autolog_journals BEGIN SELECT RAISE(IGNORE); END',
    `CREATE TRIGGER odd AFTER INSERT ON autolog_journals BEGIN UPDATE autolog_journals SET position = 'abc'; END`,
    'CREATE TRIGGER low AFTER INSERT ON autolog_journals BEGIN UPDATE autolog_journals SET position = -5; END',
    'CREATE TRIGGER back AFTER UPDATE ON autolog_journals BEGIN UPDATE autolog_journals SET position = 0; END',
  ])('is told instead of being given the same for ever: %s', async (trigger) => {
    const store = await spoiledStore(trigger);
    const records = [metric(1, 1), metric(2, 1), metric(3, 1)];
    expect(() => store.deliver(journalOf(records, 'kept-nowhere', 1))).toThrow(
      /the database does not keep how far it was delivered; see the triggers/,
    );
  });
});

test('a trigger that refuses each point loses the points alone, and they are told', async () => {
  const store = await spoiledStore(
    `CREATE TRIGGER evil BEFORE INSERT ON metrics BEGIN SELECT RAISE(ABORT, 'no'); END`,
  );
  expect(deliver(store, metric(1, 1), { op: 'tag', runId: RUN, key: 'team', value: 'blue' })).toEqual([
    expect.stringContaining('BAD_REQUEST'),
  ]);
  expect((await store.getRun(RUN)).tags.team).toBe('blue');
});

const BAD = 'x\0\ud800y';

/** What comes back of it. */
const KEPT = /^x[\0\ufffd]\ufffdy$/;

for (const server of [requirePostgresql(), requireMariadb()]) {
  describe.skipIf(server.isMissing)(server.title(`${server.kind.name}, and texts that are none`), () => {
    test('keeps what has NUL characters and lone surrogates in it', async () => {
      const store = resolveTrackingStore(await server.createDatabase());
      const dataset = { name: BAD, digest: 'd', sourceType: BAD, source: BAD, schema: BAD, profile: BAD };
      const records = [
        createRun({ name: BAD, userId: BAD, tags: { team: BAD } }),
        { op: 'param', runId: RUN, key: 'p', value: BAD } as const,
        { op: 'param', runId: RUN, key: 'p', value: BAD } as const,
        { op: 'input', runId: RUN, dataset, tags: { role: BAD } } as const,
        trace({ requestPreview: BAD, responsePreview: BAD, metadata: { m: BAD }, tags: { t: BAD } }),
        span({ name: BAD, attributes: { [BAD]: BAD }, status: { code: 'ERROR', message: BAD } }),
      ];
      expect(await store.deliver(journalOf(records))).toEqual([]);
      const run = await store.getRun(RUN);
      expect([run.params.p, run.tags.team, run.datasetInputs[0]?.dataset.name]).toEqual(
        Array(3).fill(expect.stringMatching(KEPT)),
      );
      const { info, spans } = await store.getTrace(TRACE);
      expect([info.requestPreview, info.tags.t, info.metadata.m, spans[0]?.name]).toEqual(
        Array(4).fill(expect.stringMatching(KEPT)),
      );
      expect(await store.getExperimentByName('a\0b')).toBeNull();
    });

    test('is given no number that it has no word for', async () => {
      const store = resolveTrackingStore(await server.createDatabase());
      const values = [1, 'Infinity', '-Infinity', 'NaN'] as const;
      const records = values.flatMap((value, index) => {
        const runId = String(index).repeat(32);
        return [createRun({ runId, name: String(value) }), metric(0, value, { runId })];
      });
      expect(await store.deliver(journalOf(records))).toEqual([]);
      const search = async (filter: string) => {
        const page = await store.searchRuns({ experimentIds: ['1'], filter });
        return page.items.map(({ info }) => info.runName).sort();
      };
      const numbers = ['-Infinity', '1', 'Infinity'];
      expect(await search('metrics.loss < 1e999')).toEqual(numbers);
      expect(await search('metrics.loss > -1e999')).toEqual(numbers);
      expect(await search('metrics.loss >= 1e999')).toEqual([]);
      expect(await search('metrics.loss != 1e999')).toEqual([...numbers, 'NaN']);

      const first = await store.searchRuns({ experimentIds: ['1'], maxResults: 1 });
      const [version, digest, place] = JSON.parse(String(Buffer.from(first.nextPageToken ?? '', 'base64url')));
      const forged = `[${version}, "${digest}", [["value", 1e999], ${JSON.stringify(place[1])}]]`;
      await expect(
        store.searchRuns({
          experimentIds: ['1'],
          maxResults: 1,
          pageToken: Buffer.from(forged).toString('base64url'),
        }),
      ).rejects.toThrow(/Cannot go on from this pageToken: it was changed/);
    });
  });
}
