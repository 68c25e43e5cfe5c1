import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { IdMap } from '../../../src/store/rest/id-map.ts';
import { modelRecord } from '../../contract/subject.ts';
import { createRun, journalOf, RUN, temporaryFolder } from '../records.ts';
import { type FakeMlflow, type Route, refuse, startFakeMlflow } from './fake-mlflow.ts';

const CREATE = 'POST /api/2.0/mlflow/runs/create';
const SEARCH = 'POST /api/2.0/mlflow/runs/search';

/** Begins runs and remembers them, so that they are found by their tag; `answer` ends the answer to each begin. */
async function startRemembering(
  answer: (count: number, response: Parameters<Route>[1]) => unknown,
): Promise<FakeMlflow & { readonly begun: readonly string[] }> {
  const begun: string[] = [];
  const server = await startFakeMlflow({
    [CREATE]: ({ json }, response) => {
      begun.push(json.tags.find(({ key }: { key: string }) => key === 'autolog.id').value);
      return answer(begun.length, response);
    },
    [SEARCH]: ({ json }) => {
      const index = begun.findIndex((id) => json.filter.includes(id));
      return { runs: index < 0 ? [] : [{ info: { run_id: `server-${index + 1}`, experiment_id: '7' } }] };
    },
  });
  return Object.assign(server, { begun });
}

describe('a run', () => {
  test('is begun once, though the server fails after it has begun it', async () => {
    const server = await startRemembering((_, response) => refuse(response, 500, 'INTERNAL_ERROR'));
    expect(await server.store.deliver(journalOf([createRun()]))).toEqual([]);
    expect(server.begun).toEqual([RUN]);
    expect(server.store.ids.toServer(RUN)).toBe('server-1');
  });

  test('that was waited for in vain is found by its delivery', async () => {
    // This thread, which waits, is the one that would answer.
    const server = await startRemembering((count) => ({
      run: { info: { run_id: `server-${count}`, experiment_id: '7' } },
    }));
    expect(server.store.ids.beginRunNow(createRun(), { patienceMs: 1000 })).toBeNull();
    expect(await server.store.deliver(journalOf([createRun()]))).toEqual([]);
    expect(server.begun).toEqual([RUN]);
    expect(server.store.ids.toServer(RUN)).toBe('server-1');
  });
});

test('a model is begun once, though its params do not all arrive', async () => {
  let count = 0;
  let isBroken = true;
  const server = await startFakeMlflow({
    'POST /api/2.0/mlflow/logged-models': ({ json }) => {
      count += 1;
      return {
        model: { info: { model_id: 'm-1', experiment_id: '7', tags: json.tags }, data: { params: json.params } },
      };
    },
    'POST /api/2.0/mlflow/logged-models/search': () => ({
      models: [{ info: { model_id: 'm-1', experiment_id: '7' }, data: { params: [] } }],
    }),
    'POST /api/2.0/mlflow/logged-models/m-1/params': (_, response) => {
      if (!isBroken) return {};
      isBroken = false;
      response.destroy();
    },
  });
  const params = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`k${index}`, 'v']));
  const source = journalOf([modelRecord({ params, experiment: { id: '7' } })]);
  await expect(server.store.deliver(source)).rejects.toMatchObject({ code: 'TEMPORARILY_UNAVAILABLE' });
  expect(await server.store.deliver(source)).toEqual([]);
  expect(count).toBe(1);
});

describe('the file of ids', () => {
  test('is shared by those who have it open', () => {
    const folder = temporaryFolder();
    const [first, second] = [new IdMap(folder), new IdMap(folder)];
    expect(second.toServer('a')).toBe('a');
    first.note('a', 'server-a');
    first.note('b', null);
    expect([second.toServer('a'), second.find('b'), second.toServer('b'), second.find('c')]).toEqual([
      'server-a',
      null,
      'b',
      undefined,
    ]);
    second.note('b', 'server-b');
    expect(first.toServer('b')).toBe('server-b');
    expect(first.isServerId('server-b')).toBe(true);
  });

  test('passes over a line that was cut off', () => {
    const folder = temporaryFolder();
    fs.writeFileSync(
      path.join(folder, 'ids.jsonl'),
      '{"client":"a","ser\n{"client":"b","server":"server-b"}\n{"cli',
    );
    expect([new IdMap(folder).toServer('a'), new IdMap(folder).toServer('b')]).toEqual(['a', 'server-b']);
  });

  test('is set aside when it is long, and both are read', () => {
    const folder = temporaryFolder();
    const line = (index: number) => `{"client":"c${index}","server":"${'s'.repeat(100)}${index}"}\n`;
    const lines = Array.from({ length: 70_000 }, (_, index) => line(index)).join('');
    fs.writeFileSync(path.join(folder, 'ids.jsonl'), lines);
    const ids = new IdMap(folder);
    expect(ids.toServer('c7')).toMatch(/^s+7$/);
    ids.note('new', 'server-new');
    expect(fs.readdirSync(folder).toSorted()).toEqual(['ids.jsonl', 'ids.old.jsonl']);
    const other = new IdMap(folder);
    expect([other.toServer('new'), other.toServer('c7'), ids.toServer('new')]).toEqual([
      'server-new',
      ids.toServer('c7'),
      'server-new',
    ]);
  });
});
