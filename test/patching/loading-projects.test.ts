import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeProject } from '../hooks/make-project.ts';
import { nodeBinaries, type Recording, runProgram } from '../hooks/run-program.ts';

let project = '';

beforeAll(() => {
  project = makeProject();
});

afterAll(() => rmSync(project, { recursive: true }));

describe.each(nodeBinaries())('packages that are linked into a project on Node $version', (node) => {
  const run = (program: string): Recording => runProgram(program, { node, cwd: path.join(project, 'app') });

  test('tells of copies that were loaded before the watch, under their real folder', () => {
    const { checks, modules } = run('linked-before.mjs');
    expect(checks).toEqual({ imported: true, required: true });
    const root = path.join(project, 'packages', 'greeter');
    expect(modules.map(({ version, packageRoot }) => [version, packageRoot])).toEqual([
      ['1.2.3', root],
      ['1.2.3', root],
    ]);
  });

  test('tells of copies and subpaths that are loaded after it', () => {
    const { checks, modules } = run('linked-later.mjs');
    expect(checks).toEqual({ imported: true, required: true, subpath: true });
    expect(modules.map(({ specifier }) => specifier)).toEqual(['greeter', 'greeter', 'greeter/extra']);
  });

  test('tells of a module that waits at a top-level await when it has settled', () => {
    const { checks, modules, state } = run('waiting.mjs');
    expect(checks).toEqual({ waiting: true });
    expect(modules).toHaveLength(1);
    expect(state.pending).toEqual([]);
  });

  test('does not tell of it once the watch is undone', () => {
    expect(run('waiting-undone.mjs').modules).toEqual([]);
  });

  test('tells of a module whose import has begun before the watch', () => {
    const { checks, modules } = run('in-flight.mjs');
    expect(checks).toEqual({ imported: true });
    expect(modules).toHaveLength(1);
  });

  test('passes the error of a module that throws on, the same each time', () => {
    const recording = run('failing.mjs');
    expect(recording).toMatchObject({ error: 'this module throws', again: 'this module throws', modules: [] });
    expect(recording.stderr).toBe('');
  });

  test('hooks the process once for two copies of this package, and tells both', () => {
    const recording = run('two-copies.mjs');
    expect(recording.checks).toEqual({ required: true, imported: true });
    expect(recording).toMatchObject({ told: 2, staysForSecond: true, isRestored: true });
  });
});
