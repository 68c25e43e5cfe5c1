import { describe, expect, test } from 'vitest';
import { type LoadedModule, watchModules } from '../../src/patching/loading/watch-modules.ts';
import { nodeBinaries, type Recording, runProgram } from '../hooks/run-program.ts';

const LIBRARIES = ['openai', '@langchain/core/callbacks/manager', '@tensorflow/tfjs-layers'];

/** Each library of the programs is told once, under the name it is watched by. */
function expectEachOnce({ modules }: Recording): void {
  expect(modules.map(({ specifier }) => specifier).sort()).toEqual([...LIBRARIES].sort());
}

describe.each(nodeBinaries())('module loading on Node $version', (node) => {
  const run = (program: string, execArgv: readonly string[] = []): Recording =>
    runProgram(program, { node, execArgv });

  test.each([
    ['esm-loaded-before.mjs', 'libraries that ES modules imported before the watch'],
    ['esm-import-later.mjs', 'libraries that an ES module imports dynamically after it'],
    ['esm-require-later.mjs', 'libraries that an ES module requires after it'],
    ['cjs-loaded-before.cjs', 'libraries that CommonJS required before the watch'],
    ['cjs-require-later.cjs', 'libraries that CommonJS requires after it'],
    ['cjs-import-later.cjs', 'libraries that CommonJS imports dynamically after it'],
  ])('%s: tells of %s', (program) => {
    const recording = run(program);
    expect(recording.checks).toEqual({ openai: true, langchain: true, tfjs: true });
    expectEachOnce(recording);
  });

  test.each([
    ['esm-loaded-after.mjs', 'the same static graph, watch first'],
    ['esm-graph-later.mjs', 'a graph that is imported dynamically'],
    ['cjs-require-esm.cjs', 'a graph of ES modules that CommonJS requires'],
    ['cjs-import-within-require.cjs', 'a graph that a required file imports while it is loaded'],
  ])('%s: tells of libraries in %s before their first importer runs', (program) => {
    const recording = run(program);
    expectEachOnce(recording);
    expect(recording.checks.tfjs).toBe(true);
    // Elsewhere Node offers no hook, and the first turn of the importer is missed.
    if (node.hooksImports) expect(recording.checks).toEqual({ openai: true, langchain: true, tfjs: true });
  });

  test('tells of a file that its package requires by a relative path', () => {
    expect(run('cjs-require-inner.cjs').checks).toEqual({ langchain: true });
  });

  test.each(['both-copies.mjs', 'both-copies-later.mjs'])(
    '%s: tells of both copies of a dual package',
    (program) => {
      const recording = run(program);
      expect(recording.areDistinct).toBe(true);
      expect(recording.checks).toEqual({ imported: true, required: true });
      expect(recording.modules).toHaveLength(2);
    },
  );

  test('tells of a copy that another package brings along, with its own version and folder', () => {
    const { modules } = run('nested-copy-before.mjs');
    expect(modules).toHaveLength(1);
    expect(modules[0]).toMatchObject({ specifier: 'openai', how: 'probe' });
    expect(modules[0]?.version).toMatch(/^6\./);
    expect(modules[0]?.packageRoot).toMatch(/@langchain.openai.node_modules.openai$/);
  });

  test('tells of both copies that another package brings along after the watch', () => {
    const { modules } = run('nested-copy-later.mjs');
    expect(modules.map(({ version }) => version?.split('.')[0])).toEqual(['6', '6']);
  });

  test('tells of copies that the project installed under another name', () => {
    const { checks, modules } = run('aliased-copies.mjs');
    expect(checks).toEqual({ 'imported before': true, 'imported later': true, 'required later': true });
    expect(modules.map(({ version }) => version?.split('.')[0])).toEqual(['5', '6', '5']);
  });

  test('tells of a module that a package reaches behind the watched entry file', () => {
    const { modules } = run('bypassed-entry.mjs');
    expect(modules.map(({ version }) => version?.slice(0, 3))).toEqual(['0.3', '0.3']);
  });

  test('keeps one namespace for all importers of a module', () => {
    expect(run('same-namespace.mjs')).toMatchObject({ isSame: true, staysSame: true });
  });

  test('tells of a CommonJS module that is loaded anew', () => {
    expect(run('reloaded.cjs').checks).toEqual({ first: true, second: true });
  });

  test('tells nothing after its undo, and takes the hooks of the process away', () => {
    const recording = run('undo.mjs');
    expect(recording.modules).toHaveLength(1);
    expect(recording).toMatchObject({ wasHooked: true, isRestored: true });
    expect(Object.values(recording.state.means)).not.toContain('installed');
  });

  test('serves watches that begin after others, and after all were undone', () => {
    const { checks, modules } = run('watch-again.mjs');
    expect(checks).toEqual({ imported: true, required: true });
    expect(modules).toHaveLength(3);
  });

  test('reports a callback that throws, and neither the import nor other watches fail', () => {
    const { checks, stderr } = run('throwing-callback.mjs');
    expect(checks).toEqual({ imported: true, required: true });
    expect(stderr.match(/watcher of module openai: this callback throws/g)).toHaveLength(1);
  });

  test('leaves a package that is not installed to its own errors', () => {
    const recording = run('not-installed.mjs');
    expect(recording).toMatchObject({ importCode: 'ERR_MODULE_NOT_FOUND', requireCode: 'MODULE_NOT_FOUND' });
    expect(recording.modules).toEqual([]);
    expect(recording.state).toMatchObject({ probe: null, pending: [], seen: [] });
    expect(recording.state.means['require-in-the-middle']).toBe('idle');
    expect(recording.stderr).toBe('');
  });

  test('tells every probe of loaded modules from absent ones, and leaves those loadable', () => {
    const right = { loaded: 'loaded', isLive: true, absent: 'absent' };
    expect(run('probes.mjs')).toMatchObject({
      probes: { compile: right, hook: right, inspector: right },
      loadsAfterwards: 'function',
      leftInCache: false,
    });
  });

  test('falls back to another probe where a foreign patch of the loader defeats the first', () => {
    const recording = run('esm-loaded-before.mjs', ['--import', './breaks-compile.mjs']);
    expect(recording.state.probe).not.toBe('compile');
    expect(recording.checks).toEqual({ openai: true, langchain: true, tfjs: true });
  });

  test('needs no permission beyond reading files', () => {
    const flag = node.version.startsWith('22.') ? '--experimental-permission' : '--permission';
    expect(run('esm-loaded-before.mjs', [flag, '--allow-fs-read=*']).checks).toEqual({
      openai: true,
      langchain: true,
      tfjs: true,
    });
  });

  test.runIf(node.hooksImports)('stands beside a hook that the program registered itself', () => {
    const recording = run('foreign-hook.mjs');
    expect(recording.foreign).toEqual(['openai']);
    expect(recording.checks).toEqual({ openai: true, langchain: true });
    expect(recording.stderr).not.toMatch(/already been registered/);
  });

  test('knows whether this Node has hooks for imports', () => {
    const { state } = run('watches-at-once.mjs');
    expect(state).toMatchObject({ tier: node.hooksImports ? 'full' : 'limited', isMainThread: true });
    expect(state.means['import-in-the-middle'] === 'installed').toBe(node.hooksImports);
  });

  test('watches each thread by itself', () => {
    const recording = run('in-worker.mjs');
    expect(recording.seenInWorker).toMatchObject([{ specifier: 'openai' }]);
    expect(recording.modules).toEqual([]);
  });
});

test('tells of a library that a test runner imports', async () => {
  const told: LoadedModule[] = [];
  const stop = watchModules(['openai'], (module) => told.push(module));
  const { OpenAI } = await import('openai');
  stop();
  expect(told.some(({ exports }) => exports.OpenAI === OpenAI)).toBe(true);
});
