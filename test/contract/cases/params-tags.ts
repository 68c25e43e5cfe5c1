import { expect, test } from 'vitest';
import type { LogRecord } from '../../../src/store/log-record.ts';
import type { Cases } from '../contract.ts';
import { expectRefusal } from '../subject.ts';

export function testParamsAndTags({ subject, backEnd }: Cases): void {
  test('params are kept as they were given', async () => {
    const runId = await subject().run();
    const params = {
      lr: '0.1',
      empty: '',
      'a/b.c-d_e f': 'x',
      größe: 'ü 🦉 "quoted" \\ \n\t',
      quote: "it's; DROP TABLE runs --",
      percent: '%_?$1@p1:name',
    };
    expect(await subject().deliver(...toParams(runId, params))).toEqual([]);
    expect((await subject().store.getRun(runId)).params).toEqual(params);
  });

  test('long texts are cut by characters, not by halves of them', async () => {
    const runId = await subject().run();
    const text = `x${'🦉'.repeat(6500)}`;
    expect(
      await subject().deliver(
        { op: 'param', runId, key: 'p', value: text },
        { op: 'tag', runId, key: 't', value: text },
      ),
    ).toEqual([]);
    const { params, tags } = await subject().store.getRun(runId);
    expect([Array.from(params.p ?? '').length, params.p?.isWellFormed()]).toEqual([6000, true]);
    expect([Array.from(tags.t ?? '').length, tags.t?.isWellFormed()]).toEqual([6501, true]);
  });

  test('the same value again is no error, another one is refused', async () => {
    const runId = await subject().run();
    const refused = await subject().deliverFully(
      ...toParams(runId, { k: 'a' }),
      ...toParams(runId, { k: 'a' }),
      ...toParams(runId, { k: 'b', l: 'c' }),
    );
    expect(refused.map(({ code }) => code)).toEqual(['INVALID_PARAMETER_VALUE']);
    expect((await subject().store.getRun(runId)).params).toEqual({ k: 'a', l: 'c' });
  });

  test('long values of params and tags are cut', async () => {
    const runId = await subject().run();
    const refused = await subject().deliver(
      ...toParams(runId, { long: 'x'.repeat(7000), full: 'y'.repeat(6000) }),
      { op: 'tag', runId, key: 'long', value: 'z'.repeat(9000) },
      { op: 'tag', runId, key: 'full', value: 'z'.repeat(8000) },
    );
    expect(refused).toEqual([]);
    const { params, tags } = await subject().store.getRun(runId);
    expect(params).toEqual({ long: 'x'.repeat(6000), full: 'y'.repeat(6000) });
    expect([tags.long?.length, tags.full?.length]).toEqual([8000, 8000]);
  });

  test.each([
    ['too long', 'k'.repeat(251)],
    ['empty', ''],
    ['a path that leads elsewhere', '../a'],
    ['an absolute path', '/a'],
    ['a path that is not normal', 'a//b'],
    ['of other signs', 'a*b'],
  ])('keys that are %s are refused', async (_kind, key) => {
    const runId = await subject().run();
    const refused = await subject().deliver(
      { op: 'param', runId, key, value: 'v' },
      { op: 'tag', runId, key, value: 'v' },
      { op: 'metric', runId, key, value: 1, timestamp: 1, step: 0 },
      { op: 'param', runId, key: 'well', value: 'v' },
    );
    expect(refused).toEqual(Array(3).fill('INVALID_PARAMETER_VALUE'));
    const run = await subject().store.getRun(runId);
    expect([run.params, run.metrics]).toEqual([{ well: 'v' }, {}]);
  });

  const { exactKeys } = backEnd.lacks;
  const skipped = exactKeys ? ` [skipped: ${exactKeys}]` : '';
  test.skipIf(exactKeys)(
    `keys that differ in case, accents or trailing spaces are several${skipped}`,
    async () => {
      const runId = await subject().run({ tags: {} });
      const keys = ['lr', 'LR', 'Lr', 'lr ', 'lŕ', 'größe', 'grösse'];
      const records = keys.flatMap((key, index): LogRecord[] => [
        { op: 'param', runId, key, value: String(index) },
        { op: 'tag', runId, key, value: String(index) },
        { op: 'metric', runId, key, value: 1, timestamp: 1, step: index },
      ]);
      expect(await subject().deliver(...records)).toEqual([]);
      const run = await subject().store.getRun(runId);
      expect(run.params).toEqual(Object.fromEntries(keys.map((key, index) => [key, String(index)])));
      expect(run.tags).toMatchObject(run.params);
      expect(Object.values(run.metrics).map(({ key, step }) => [key, step])).toHaveLength(keys.length);
    },
  );

  test('the longest key is kept', async () => {
    const runId = await subject().run();
    const key = 'k'.repeat(250);
    expect(
      await subject().deliver(
        { op: 'param', runId, key, value: 'v' },
        { op: 'tag', runId, key, value: 'v' },
        { op: 'metric', runId, key, value: 1, timestamp: 1, step: 0 },
      ),
    ).toEqual([]);
    const run = await subject().store.getRun(runId);
    expect([run.params[key], run.tags[key], run.metrics[key]?.value]).toEqual(['v', 'v', 1]);
  });

  test('tags are set, replaced and deleted', async () => {
    const { store } = subject();
    const runId = await subject().run({ tags: {} });
    const refused = await subject().deliver(
      { op: 'tag', runId, key: 'a', value: '1' },
      { op: 'tag', runId, key: 'b', value: 'ü🦉' },
      { op: 'tag', runId, key: 'a', value: '2' },
      { op: 'tag', runId, key: 'c', value: '' },
    );
    expect(refused).toEqual([]);
    expect((await store.getRun(runId)).tags).toEqual({ a: '2', b: 'ü🦉', c: '', 'mlflow.runName': 'calm-owl-7' });
    expect(await subject().deliver({ op: 'tag', runId, key: 'a', value: null })).toEqual([]);
    await store.deleteRunTag(runId, 'b');
    expect((await store.getRun(runId)).tags).toEqual({ c: '', 'mlflow.runName': 'calm-owl-7' });
  });

  test('the deletion of a missing tag is refused', async () => {
    const runId = await subject().run();
    const words = /No tag with name: nowhere in run with id/;
    await expectRefusal(subject().store.deleteRunTag(runId, 'nowhere'), 'RESOURCE_DOES_NOT_EXIST', words);
    const refused = await subject().deliverFully({ op: 'tag', runId, key: 'nowhere', value: null });
    expect(refused.map(({ code }) => code)).toEqual(['RESOURCE_DOES_NOT_EXIST']);
    expect(refused[0]?.message).toMatch(words);
  });

  test('hundreds of each are stored by one delivery', async () => {
    const runId = await subject().run();
    const keys = Array.from({ length: 250 }, (_, index) => `k${index}`);
    const records = keys.flatMap((key, index): LogRecord[] => [
      { op: 'param', runId, key, value: String(index) },
      { op: 'tag', runId, key, value: String(index) },
    ]);
    expect(await subject().deliver(...records)).toEqual([]);
    const { params, tags } = await subject().store.getRun(runId);
    expect(params).toEqual(Object.fromEntries(keys.map((key, index) => [key, String(index)])));
    expect(tags).toMatchObject(params);
  });
}

function toParams(runId: string, params: Readonly<Record<string, string>>): LogRecord[] {
  return Object.entries(params).map(([key, value]) => ({ op: 'param', runId, key, value }));
}
