import path from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import { makeInstalledProject } from './installed-project.ts';
import { NODES, NOTHING, type Outcome, runInProject } from './run-in-project.ts';

/** Flags that change how Node loads or runs code, with what they warn of themselves. */
const FLAGS: readonly (readonly string[])[] = [
  ['--frozen-intrinsics'],
  ['--disable-proto=delete'],
  ['--disallow-code-generation-from-strings'],
  ['--enable-source-maps'],
  ['--preserve-symlinks'],
  ['--preserve-symlinks-main', '--preserve-symlinks'],
  ['--conditions=development'],
  ['--conditions=browser', '--conditions=production'],
  ['--no-experimental-detect-module'],
  ['--no-experimental-global-navigator'],
  ['--experimental-vm-modules'],
  ['--experimental-import-meta-resolve'],
  ['--no-deprecation', '--pending-deprecation'],
  ['--throw-deprecation'],
  ['--trace-uncaught'],
  ['--unhandled-rejections=strict'],
  ['--use-strict'],
  ['--max-old-space-size=256'],
  ['--cpu-prof'],
];

const [{ binary, version }] = NODES as [(typeof NODES)[number]];

let project: string;

beforeAll(async () => {
  project = await makeInstalledProject();
});

describe.concurrent(`on Node ${version}`, () => {
  const run = async (flags: readonly string[]): Promise<Pick<Outcome, 'status' | 'stderr' | 'logged'>> => {
    const args = [...flags, '--import', 'autolog/register', path.join(project, 'worker.mjs')];
    const { status, stderr, logged } = await runInProject(project, { binary, args });
    return { status, stderr: withoutHints(stderr), logged };
  };

  it.for(FLAGS)('%s does not hinder autologging', async (flags, { expect }) => {
    const logged = { openai: 2, langchain: 2, tfjs: 0 };
    expect(await run(flags)).toEqual({ status: 0, stderr: '', logged });
  });

  it('--permission does not hinder autologging that may read and write', async ({ expect }) => {
    const logged = { openai: 2, langchain: 2, tfjs: 0 };
    expect(await run(['--permission', '--allow-fs-read=*', '--allow-fs-write=*'])).toEqual({
      status: 0,
      stderr: '',
      logged,
    });
  });

  it('--jitless, which takes the hook for imports away, makes no noise', async ({ expect }) => {
    const { status, stderr, logged } = await run(['--jitless']);
    expect({ status, stderr, logged }).toEqual({
      status: 0,
      stderr: '',
      logged: { openai: 2, langchain: 2, tfjs: 0 },
    });
  });

  it('--no-experimental-require-module is refused in one sentence for each library', async ({ expect }) => {
    const { status, stderr, logged } = await run(['--no-experimental-require-module']);
    expect({ status, logged }).toEqual({ status: 0, logged: NOTHING });
    expect(stderr.trim().split('\n')).toEqual(
      ['openai', 'langchain', 'tfjs'].map(
        (name) =>
          `autolog: ${name}: nothing is logged, because autolog is loaded by require of ES modules; leave out --no-experimental-require-module`,
      ),
    );
  });
});

/** Node warns of its experimental flags, and where hooks are missing, what may be missed is said. */
function withoutHints(stderr: string): string {
  return stderr
    .replaceAll(/^\(node:\d+\) ExperimentalWarning.*\n(\(Use .*\n)?/gm, '')
    .replaceAll(/^autolog: \w+: calls made while the program was still loading may be missing.*\n/gm, '');
}
