import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type ActiveRun,
  endRun,
  logArtifact,
  logArtifacts,
  logDict,
  logText,
  type MlflowClient,
  startRun,
} from '../../src/index.ts';
import { refusal, temporaryFolder, useNewStore } from './surroundings.ts';

let folder: string;
let client: MlflowClient;
let run: ActiveRun;

beforeEach(async () => {
  endRun();
  ({ folder, client } = useNewStore());
  run = startRun();
  await logText('kept', 'kept.txt');
});

async function artifactFolder(): Promise<string> {
  const uri = await run.artifactUri();
  return uri.startsWith('file:') ? fileURLToPath(uri) : uri;
}

describe('a path', () => {
  const PATHS = [
    '../x',
    'a/../../x',
    '..',
    '/etc/x',
    '\\x',
    'C:\\x',
    'a\\..\\..\\x',
    '%2e%2e/x',
    '%252e%252e/x',
    'a%2f..%2f..%2fx',
    '..%2fx',
    '%2fetc%2fx',
    'a\0b',
    'a%00b',
    './x',
    'a//x',
    `%${'25'.repeat(20)}`,
  ];

  test.each(PATHS)('%j leads outside or nowhere, and is refused for reading and writing', async (file) => {
    const refused = refusal('INVALID_PARAMETER_VALUE', /Invalid artifact path/);
    const source = path.join(temporaryFolder(), 'source.txt');
    fs.writeFileSync(source, 'text');
    const before = snapshot(folder);
    for (const attempt of [
      () => logText('x', file),
      () => logDict({}, file),
      () => logArtifact(source, file),
      () => logArtifacts(path.dirname(source), file),
      () => client.listArtifacts(run.runId, file),
      () => client.downloadArtifacts(run.runId, file),
    ]) {
      await expect(attempt()).rejects.toEqual(refused);
    }
    expect(snapshot(folder)).toEqual(before);
  });

  test.each([
    ['a name of 300 letters', 'n'.repeat(300)],
    ['a path of 10,000 parts', 'a/'.repeat(10_000).concat('x')],
  ])('that is %s is too long, and leaves nothing behind', async (_shown, file) => {
    await expect(logText('x', file)).rejects.toEqual(refusal('INVALID_PARAMETER_VALUE', /the path is too long/));
    expect((await client.listArtifacts(run.runId)).map((info) => info.path)).toContain('kept.txt');
    expect(fs.readdirSync(await artifactFolder()).filter((name) => name.includes('partial'))).toEqual([]);
  });

  test('where a folder stands, or below a file, is refused', async () => {
    await logText('x', 'folder/file');
    await expect(logText('x', 'folder')).rejects.toEqual(refusal('INVALID_PARAMETER_VALUE', /it is a folder/));
    await expect(logText('x', 'kept.txt/x')).rejects.toEqual(
      refusal('PERMISSION_DENIED', /is a file|stands there/),
    );
    await expect(logText('x', '')).rejects.toEqual(refusal('INVALID_PARAMETER_VALUE', /it names no file/));
  });
});

describe('what is logged', () => {
  test('may not be missing, a folder, a pipe or a device', async () => {
    const place = temporaryFolder();
    await expect(logArtifact(path.join(place, 'missing.txt'))).rejects.toEqual(
      refusal('RESOURCE_DOES_NOT_EXIST', /Cannot log the file '.*missing.txt'/),
    );
    await expect(logArtifacts(path.join(place, 'missing'))).rejects.toEqual(
      refusal('RESOURCE_DOES_NOT_EXIST', /Cannot read the folder '.*missing'/),
    );
    await expect(logArtifact(place)).rejects.toEqual(refusal('INVALID_PARAMETER_VALUE', /logArtifacts/));
    if (process.platform !== 'linux') return;
    const pipe = path.join(place, 'pipe');
    spawnSync('mkfifo', [pipe]);
    for (const special of [pipe, '/dev/zero']) {
      await expect(logArtifact(special)).rejects.toEqual(refusal('INVALID_PARAMETER_VALUE', /no regular file/));
    }
    await expect(logArtifacts(place)).rejects.toEqual(refusal('INVALID_PARAMETER_VALUE', /no regular file/));
  });

  test('by a link is what the link leads to; one that leads back is passed over', async () => {
    const place = temporaryFolder();
    const outside = temporaryFolder();
    fs.mkdirSync(path.join(outside, 'inner'));
    fs.writeFileSync(path.join(outside, 'inner', 'file.txt'), 'text');
    fs.symlinkSync(path.join(outside, 'inner', 'file.txt'), path.join(place, 'linked.txt'));
    fs.symlinkSync(path.join(outside, 'inner'), path.join(place, 'linked'));
    fs.symlinkSync(place, path.join(place, 'back'));
    await logArtifacts(place, 'all');
    await logArtifact(path.join(place, 'linked.txt'));
    const root = await artifactFolder();
    expect(snapshot(root).map((file) => path.relative(root, file))).toEqual([
      'all/linked.txt',
      'all/linked/file.txt',
      'kept.txt',
      'linked.txt',
    ]);
    expect(fs.lstatSync(path.join(root, 'linked.txt')).isFile()).toBe(true);
  });

  test('by a link that leads nowhere is refused', async () => {
    const place = temporaryFolder();
    fs.symlinkSync(path.join(place, 'nowhere'), path.join(place, 'dangling'));
    await expect(logArtifacts(place)).rejects.toEqual(refusal('RESOURCE_DOES_NOT_EXIST', /dangling/));
  });

  test.each([undefined, null, 42, {}, Symbol('s')])('as text may not be %o', async (text) => {
    await expect(logText(text as string, 'x.txt')).rejects.toEqual(
      refusal('INVALID_PARAMETER_VALUE', /pass a string or bytes/),
    );
  });

  test.each([
    ['as JSON', 'x.json'],
    ['as YAML', 'x.yaml'],
  ])('%s may not contain itself nor be endless', async (_, file) => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = [cyclic];
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = { deep };
    const throwing = {
      get a(): never {
        throw new Error('no');
      },
    };
    for (const dictionary of [cyclic, deep, throwing]) {
      await expect(logDict(dictionary, file)).rejects.toEqual(
        refusal('INVALID_PARAMETER_VALUE', /the dictionary has no JSON form/),
      );
    }
  });
});

test('files of a new store are for their owner only', async () => {
  await client.searchExperiments();
  const mode = (name: string) => (fs.statSync(path.join(folder, name)).mode & 0o777).toString(8);
  expect(mode('mlflow.db')).toBe('600');
  expect(mode('mlflow.db-wal')).toBe('600');
  expect(mode('mlruns')).toBe('700');
  expect(mode('.autolog')).toBe('700');
  const [journal = ''] = fs.readdirSync(path.join(folder, '.autolog', 'mlflow.db'));
  expect(mode(path.join('.autolog', 'mlflow.db', journal))).toBe('600');
});

function snapshot(place: string): string[] {
  return fs
    .readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/mlflow\.db|jsonl/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}
