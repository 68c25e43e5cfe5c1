import path from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import { requireInstalled } from '../support/requirements.ts';
import { makeInstalledProject } from './installed-project.ts';
import { type Logged, type Outcome, readRuns, runInProject } from './run-in-project.ts';

const tools = requireInstalled('tools');
const TOOLS = path.join(tools.modules, '.bin');

const ALL: Logged = { openai: 2, langchain: 2, tfjs: 2 };

const RUNTIMES = {
  bun: { binary: path.join(TOOLS, 'bun'), args: ['run'] },
  deno: { binary: path.join(TOOLS, 'deno'), args: ['run', '--allow-all'] },
};

let project: string;

beforeAll(async () => {
  project = await makeInstalledProject();
});

const run = (runtime: keyof typeof RUNTIMES, program: string): Promise<Outcome> => {
  const { binary, args } = RUNTIMES[runtime];
  return runInProject(project, { binary, args: [...args, path.join(project, program)] });
};

const sentences = (names: readonly string[], text: string): string[] =>
  names.map((name) => `autolog: ${name}: ${text}`).sort();

describe.skipIf(tools.isMissing).concurrent(tools.title('Bun 1.4'), () => {
  it.for(['by-hand.mjs'])('logs runs by hand', async (program, { expect }) => {
    const { status, stderr, folder } = await run('bun', program);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readRuns(folder)).toEqual([{ name: 'by hand', status: 'FINISHED', metrics: 'loss=1' }]);
  });

  it.for(['loaded-before.mjs', 'loaded-before.cjs', 'loaded-after.cjs'])(
    'logs every call: %s',
    async (program, { expect }) => {
      const { status, stderr, logged } = await run('bun', program);
      expect({ status, stderr, logged }).toEqual({ status: 0, stderr: '', logged: ALL });
    },
  );

  it('logs later calls of what is imported after autolog(), and says so', async ({ expect }) => {
    const { status, stderr, logged } = await run('bun', 'loaded-after.mjs');
    expect({ status, logged }).toEqual({ status: 0, logged: ALL });
    const text =
      'calls made while the program was still loading may be missing, because Bun 1.4.5 has no hook for imports; call autolog() after the imports';
    expect(stderr.trim().split('\n').sort()).toEqual(sentences(['openai', 'langchain'], text));
  });
});

describe.skipIf(tools.isMissing).concurrent(tools.title('Deno 2.9'), () => {
  const text =
    'copies that are imported are not logged, because Deno tells nothing of its ES modules; pass them by autolog({ modules }), or load them by require';

  it('logs runs by hand', async ({ expect }) => {
    const { status, stderr, folder } = await run('deno', 'by-hand.mjs');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readRuns(folder)).toEqual([{ name: 'by hand', status: 'FINISHED', metrics: 'loss=1' }]);
  });

  it.for(['loaded-before.cjs', 'loaded-after.cjs'])('logs what is required: %s', async (program, { expect }) => {
    const { status, stderr, logged } = await run('deno', program);
    expect({ status, logged }).toEqual({ status: 0, logged: ALL });
    expect(stderr.trim().split('\n').sort()).toEqual(sentences(['openai', 'langchain'], text));
  });

  it.for(['loaded-before.mjs', 'loaded-after.mjs'])(
    'does not log ES modules, and says so: %s',
    async (program, { expect }) => {
      const { status, stderr, logged } = await run('deno', program);
      expect({ status, logged }).toEqual({ status: 0, logged: { openai: 0, langchain: 0, tfjs: 2 } });
      expect(stderr.trim().split('\n').sort()).toEqual(sentences(['openai', 'langchain'], text));
    },
  );

  it('logs ES modules that are handed over', async ({ expect }) => {
    const { status, stderr, logged } = await run('deno', 'handed-over.mjs');
    expect({ status, stderr, logged }).toEqual({
      status: 0,
      stderr: '',
      logged: { openai: 2, langchain: 0, tfjs: 0 },
    });
  });
});
