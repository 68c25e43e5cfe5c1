import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entryFiles, packageNameOf } from '../../src/patching/loading/entry-files.ts';
import { aliasTarget, installedCopies } from '../../src/patching/loading/installed-copies.ts';
import { installedFolder, isEsModuleFile, packageOf, readManifest } from '../../src/patching/loading/manifest.ts';

const formerFolder = process.cwd();
let project = '';

function write(file: string, content: unknown = ''): string {
  const target = path.join(project, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, typeof content === 'string' ? content : JSON.stringify(content));
  return target;
}

function filesOf(name: string, manifest: object, files: readonly string[], specifier = name): string[] {
  const root = path.dirname(write(`entries/${name}/package.json`, { name, version: '1.0.0', ...manifest }));
  for (const file of files) write(`entries/${name}/${file}`);
  const copy = readManifest(root);
  return copy === null ? [] : entryFiles(copy, specifier).map((file) => path.relative(root, file));
}

beforeAll(() => {
  project = realpathSync(mkdtempSync(path.join(tmpdir(), 'autolog-files-')));
  process.chdir(project);
});

afterAll(() => {
  process.chdir(formerFolder);
  rmSync(project, { recursive: true });
});

test.each([
  ['openai', 'openai'],
  ['openai/resources/chat', 'openai'],
  ['@langchain/core', '@langchain/core'],
  ['@langchain/core/callbacks/manager', '@langchain/core'],
])('takes %s for a part of package %s', (specifier, name) => {
  expect(packageNameOf(specifier)).toBe(name);
});

test.each([
  ['/a/node_modules/b/c.js', { folder: '/a/node_modules/b', name: 'b' }],
  ['/a/node_modules/@b/c/d/e.js', { folder: '/a/node_modules/@b/c', name: '@b/c' }],
  ['/a/node_modules/b/node_modules/c/d.js', { folder: '/a/node_modules/b/node_modules/c', name: 'c' }],
  ['/a/b.js', null],
  ['/a/node_modules/b.js', null],
])('splits %s into package folder and name', (file, expected) => {
  expect(installedFolder(file)).toEqual(expected);
});

describe('files that a specifier leads to', () => {
  test('are those of import and of require', () => {
    const exports = { '.': { import: './a.mjs', require: './a.cjs' } };
    expect(filesOf('dual', { exports }, ['a.mjs', 'a.cjs'])).toEqual(['a.mjs', 'a.cjs']);
  });

  test('are one where both lead to the same', () => {
    expect(filesOf('single', { exports: './a.js' }, ['a.js'])).toEqual(['a.js']);
  });

  test('follow patterns of subpaths', () => {
    const exports = { './*': { import: './es/*.js', require: './cjs/*.js' } };
    expect(filesOf('patterns', { exports }, ['es/part.js', 'cjs/part.js'], 'patterns/part')).toEqual([
      'es/part.js',
      'cjs/part.js',
    ]);
  });

  test('are none for a path that is not exported, or not there', () => {
    expect(filesOf('closed', { exports: { '.': './a.js' } }, ['a.js'], 'closed/part')).toEqual([]);
    expect(filesOf('broken', { exports: './missing.js' }, [])).toEqual([]);
  });

  test('come from the main field, with its shorthands, where nothing is exported', () => {
    expect(filesOf('main', { main: 'lib/a.js' }, ['lib/a.js'])).toEqual(['lib/a.js']);
    expect(filesOf('main-short', { main: './lib/a' }, ['lib/a.js'])).toEqual(['lib/a.js']);
    expect(filesOf('main-folder', { main: 'lib' }, ['lib/index.js'])).toEqual(['lib/index.js']);
    expect(filesOf('main-none', {}, ['index.js'])).toEqual(['index.js']);
    expect(filesOf('main-part', {}, ['part.js'], 'main-part/part')).toEqual(['part.js']);
  });

  test('are those behind entry files that only hand on another', () => {
    const root = 'entries/handing/';
    write(`${root}package.json`, { name: 'handing', version: '1.0.0' });
    write(`${root}index.js`, "module.exports = require('./dist/index.js');");
    const behind = write(`${root}dist/index.js`, 'exports.value = 1;');
    const copy = readManifest(path.join(project, root.slice(0, -1)));
    expect(copy && entryFiles(copy, 'handing')).toEqual([behind]);
  });
});

describe('modules', () => {
  test.each([
    ['kinds/a.mjs', true],
    ['kinds/a.cjs', false],
    ['kinds/a.js', false],
    ['kinds/es/a.js', true],
    ['kinds/es/deep/a.js', true],
    ['kinds/es/a.json', false],
  ])('%s is an ES module: %s', (file, expected) => {
    write('kinds/package.json', { name: 'kinds', version: '1.0.0' });
    write('kinds/es/package.json', { type: 'module' });
    expect(isEsModuleFile(write(file))).toBe(expected);
  });

  test('belong to the nearest package that has a name and a version', () => {
    write('outer/package.json', { name: 'outer', version: '2.0.0' });
    write('outer/es/package.json', { type: 'module' });
    expect(packageOf(write('outer/es/a.js'))).toMatchObject({ name: 'outer', version: '2.0.0' });
  });
});

test('finds copies that are nested, linked, aliased, in a pnpm store, and in folders above', () => {
  const manifest = (version: string): object => ({ name: 'library', version });
  write('package.json', { dependencies: { 'library-1': 'npm:library@1' } });
  write('node_modules/library-1/package.json', manifest('1.0.0'));
  write('node_modules/user/node_modules/library/package.json', manifest('2.0.0'));
  write('node_modules/@scope/user/node_modules/library/package.json', manifest('3.0.0'));
  write('node_modules/.pnpm/library@4.0.0/node_modules/library/package.json', manifest('4.0.0'));
  write('elsewhere/library/package.json', manifest('5.0.0'));
  mkdirSync(path.join(project, 'app/node_modules'), { recursive: true });
  symlinkSync(path.join(project, 'elsewhere/library'), path.join(project, 'app/node_modules/library'), 'dir');
  write('node_modules/library-2/package.json', { name: 'other', version: '6.0.0' });
  process.chdir(path.join(project, 'app'));

  const versions = installedCopies('library').map(({ version }) => version);
  expect(versions.sort()).toEqual(['1.0.0', '2.0.0', '3.0.0', '4.0.0', '5.0.0']);
  expect(aliasTarget('library-1')).toBe('library');
  expect(aliasTarget('library-2')).toBe('library-2');
  expect(installedCopies('no-such-library')).toEqual([]);
});
