import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { FileRepository } from '../../src/artifacts/file-repository.ts';
import { resolveArtifactRepository } from '../../src/artifacts/resolve.ts';
import { toFileError } from '../../src/file-errors.ts';

function temporaryFolder(): string {
  return fs.mkdtempSync(path.join(process.cwd(), 'artifacts-'));
}

function repository() {
  const root = path.join(temporaryFolder(), 'run', 'artifacts');
  return { root, artifacts: new FileRepository(root, root) };
}

describe('a folder of artifacts', () => {
  test('keeps content, files and folders, and lists them by path', async () => {
    const { root, artifacts } = repository();
    expect(await artifacts.list()).toEqual([]);
    await artifacts.logContent('b/c.txt', 'text');
    await artifacts.logContent('a.bin', new Uint8Array([1, 2, 3]));
    await artifacts.logFile(path.join(root, 'a.bin'), 'copies');
    await artifacts.logFolder(path.join(root, 'b'), 'more/deep');
    await artifacts.logFolder(path.join(root, 'b'));
    expect(await artifacts.list()).toEqual([
      { path: 'a.bin', isFolder: false, sizeBytes: 3 },
      { path: 'b', isFolder: true, sizeBytes: null },
      { path: 'c.txt', isFolder: false, sizeBytes: 4 },
      { path: 'copies', isFolder: true, sizeBytes: null },
      { path: 'more', isFolder: true, sizeBytes: null },
    ]);
    expect(await artifacts.list('more/deep')).toEqual([
      { path: 'more/deep/c.txt', isFolder: false, sizeBytes: 4 },
    ]);
    expect(await artifacts.list('a.bin')).toEqual([]);
    expect(await artifacts.list('none')).toEqual([]);
  });

  test('replaces a file as a whole', async () => {
    const { root, artifacts } = repository();
    await artifacts.logContent('a', 'long text');
    await artifacts.logContent('a', 'new');
    expect(fs.readFileSync(path.join(root, 'a'), 'utf8')).toBe('new');
    expect(fs.readdirSync(root)).toEqual(['a']);
  });

  test('shows nothing of a file that fails, and leaves none of it behind', async () => {
    const { root, artifacts } = repository();
    await artifacts.logContent('folder/a', '');
    await expect(artifacts.logFile(path.join(root, 'none'))).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
    });
    await expect(artifacts.logContent('folder', '')).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    await expect(artifacts.logContent('folder/a/b', '')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(fs.readdirSync(root)).toEqual(['folder']);
  });

  test('says of what cannot be read what it is, and what to do', async () => {
    const { root, artifacts } = repository();
    await artifacts.logContent('a', 'text');
    const file = path.join(root, 'a');
    await expect(artifacts.logFolder(file)).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
      message: `Cannot read the folder '${file}': it is a file; use logArtifact.`,
    });
    for (const action of [artifacts.logFolder(path.join(file, 'b')), artifacts.logFile(path.join(file, 'b'))]) {
      await expect(action).rejects.toMatchObject({
        code: 'RESOURCE_DOES_NOT_EXIST',
        message: expect.stringMatching(/a part of the path is a file and no folder; check the path/),
      });
    }
    await expect(artifacts.logFolder(path.join(root, 'none'))).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
      message: expect.stringMatching(/no such file or folder; check the path/),
    });
    expect(toFileError("read 'x'", { code: 'EACCES' }, 'read').message).toMatch(/may not read it; change/);
  });

  test('downloads to a folder, or tells where a file lies', async () => {
    const { root, artifacts } = repository();
    await artifacts.logContent('a/b.txt', 'text');
    expect(await artifacts.download('a/b.txt')).toBe(path.join(root, 'a', 'b.txt'));
    const target = temporaryFolder();
    expect(await artifacts.download('a', target)).toBe(path.join(target, 'a'));
    expect(fs.readFileSync(path.join(target, 'a', 'b.txt'), 'utf8')).toBe('text');
    await expect(artifacts.download('none')).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    await expect(artifacts.download('../..')).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
  });

  test('reads a file as a stream', async () => {
    const { artifacts } = repository();
    await artifacts.logContent('a', 'x'.repeat(200_000));
    let length = 0;
    for await (const chunk of await artifacts.openRead('a')) length += chunk.length;
    expect(length).toBe(200_000);
    await expect(artifacts.openRead('none')).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
  });
});

describe('a folder that is filled', () => {
  test('is seen when it is complete', async () => {
    const { root, artifacts } = repository();
    await artifacts.writeFolder('', async (folder) => {
      fs.writeFileSync(path.join(folder, 'a'), '1');
      fs.mkdirSync(path.join(folder, 'b'));
      fs.writeFileSync(path.join(folder, 'b', 'c'), '2');
      expect(fs.existsSync(root)).toBe(false);
    });
    expect((await artifacts.list()).map((it) => it.path)).toEqual(['a', 'b']);
    expect(fs.readdirSync(path.dirname(root))).toEqual(['artifacts']);
  });

  test('is never seen when filling fails, and the error comes through', async () => {
    const { root, artifacts } = repository();
    const error = new Error('mine');
    const filling = artifacts.writeFolder('model', async (folder) => {
      fs.writeFileSync(path.join(folder, 'a'), '1');
      throw error;
    });
    await expect(filling).rejects.toBe(error);
    expect(fs.readdirSync(root)).toEqual([]);
  });

  test('joins the files that are there', async () => {
    const { artifacts } = repository();
    await artifacts.logContent('model/old', '1');
    await artifacts.writeFolder('model', async (folder) => fs.writeFileSync(path.join(folder, 'new'), '2'));
    expect((await artifacts.list('model')).map((it) => it.path)).toEqual(['model/new', 'model/old']);
    expect(await artifacts.list()).toHaveLength(1);
  });
});

describe('an artifact URI', () => {
  test('is a path or a file: URI', async () => {
    const folder = path.join(temporaryFolder(), 'with space');
    await resolveArtifactRepository(String(pathToFileURL(folder))).logContent('a', 'text');
    expect(await resolveArtifactRepository(folder).list()).toHaveLength(1);
    expect(await resolveArtifactRepository(path.relative(process.cwd(), folder)).list()).toHaveLength(1);
  });

  test.each(['s3://key:secret@bucket/a', 'hdfs://a/b', 'gs://b', 'dbfs:/a'])('%s is not reached yet', (uri) => {
    expect(() => resolveArtifactRepository(uri)).toThrow(
      expect.objectContaining({ code: 'NOT_IMPLEMENTED', message: expect.not.stringMatching(/secret/) }),
    );
  });

  test.each(['', 'gopher://x', 'file://host/x'])('%j is none', (uri) => {
    expect(() => resolveArtifactRepository(uri)).toThrow(
      expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' }),
    );
  });
});
