import path from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import { makeInstalledProject } from './installed-project.ts';
import { type Logged, NODES, NOTHING, type Outcome, readRuns, runInProject } from './run-in-project.ts';

const ALL: Logged = { openai: 2, langchain: 2, tfjs: 0 };
const REGISTER = { execArgv: ['--import', 'autolog/register'] };

let project: string;

beforeAll(async () => {
  project = await makeInstalledProject();
});

describe.for(NODES)('on Node $version', { concurrent: true }, ({ binary }) => {
  const run = (args: readonly string[], env = {}): Promise<Outcome> => {
    const paths = args.map((arg) => (/^[\w-]+\.[mc]js$/.test(arg) ? path.join(project, arg) : arg));
    return runInProject(project, { binary, args: paths, env });
  };

  describe('a worker thread', () => {
    it.for<[title: string, args: string[], logged: Logged]>([
      ['is logged when it calls autolog() itself', ['starts-worker.mjs', './worker-enables.mjs'], ALL],
      [
        'is not logged when only its parent called it',
        ['starts-worker.mjs', './worker.mjs', '{}', 'autolog'],
        NOTHING,
      ],
      [
        'is logged when it is started with --import autolog/register',
        ['starts-worker.mjs', './worker.mjs', JSON.stringify(REGISTER)],
        ALL,
      ],
      [
        'is logged when the process was started so, which it inherits',
        ['--import', 'autolog/register', 'starts-worker.mjs', './worker.mjs'],
        ALL,
      ],
      [
        'is not logged when its own flags replace those of the process',
        ['--import', 'autolog/register', 'starts-worker.mjs', './worker.mjs', '{ "execArgv": [] }'],
        NOTHING,
      ],
    ])('%s', async ([, args, logged], { expect }) => {
      const { status, stdout, ...outcome } = await run(args);
      expect({ status, stdout, logged: outcome.logged }).toEqual({ status: 0, stdout: '', logged });
    });

    it('is logged when NODE_OPTIONS says so', async ({ expect }) => {
      const env = { NODE_OPTIONS: '--import=autolog/register' };
      expect(await run(['starts-worker.mjs', './worker.mjs'], env)).toMatchObject({ status: 0, logged: ALL });
    });

    it('that fails ends its own run, and neither the run of its parent nor its parent', async ({ expect }) => {
      const { status, stderr, folder } = await run(['run-with-failing-worker.mjs']);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(readRuns(folder)).toEqual([
        { name: 'parent', status: 'FINISHED', metrics: 'after=1' },
        { name: 'worker', status: 'FAILED', metrics: 'during=1' },
      ]);
    });
  });

  describe('a child process', () => {
    it.for(['fork', 'spawn'])(
      'that is started by %s is logged when NODE_OPTIONS says so',
      async (how, { expect }) => {
        const env = { NODE_OPTIONS: '--import=autolog/register' };
        const args = ['starts-process.mjs', how, 'worker.mjs'];
        expect(await run(args, env)).toMatchObject({ status: 0, logged: ALL });
      },
    );

    it('inherits --import by fork, and not by spawn', async ({ expect }) => {
      const flags = ['--import', 'autolog/register', 'starts-process.mjs'];
      expect((await run([...flags, 'fork', 'worker.mjs'])).logged).toEqual(ALL);
      expect((await run([...flags, 'spawn', 'worker.mjs'])).logged).toEqual(NOTHING);
    });

    it('goes on with the run that MLFLOW_RUN_ID hands over', async ({ expect }) => {
      const { status, stderr, folder } = await run(['hands-over-run.mjs']);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(readRuns(folder)).toEqual([
        { name: 'one run', status: 'FINISHED', metrics: 'of child=1 of parent=1 of parent=2' },
      ]);
    });
  });

  it('a cluster logs into one database, primary and workers', async ({ expect }) => {
    const { status, stderr, logged } = await run(['cluster.mjs']);
    expect({ status, stderr, logged }).toEqual({
      status: 0,
      stderr: '',
      logged: { openai: 6, langchain: 0, tfjs: 0 },
    });
  });
});
