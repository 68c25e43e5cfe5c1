import path from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import { makeInstalledProject } from './installed-project.ts';
import { NODES, type Outcome, runInProject } from './run-in-project.ts';

const REGISTER = ['--import', 'autolog/register'];
const EMPTY = ['--import', 'data:text/javascript,'];

let project: string;

beforeAll(async () => {
  project = await makeInstalledProject();
});

describe.for(NODES)('on Node $version', { concurrent: true }, ({ binary }) => {
  const run = (program: string, flags: readonly string[]): Promise<Outcome> =>
    runInProject(project, { binary, args: [...flags, path.join(project, program)] });

  it.for<[program: string, flags: readonly string[]]>([
    ['throws-at-top.mjs', []],
    ['throws-at-top.cjs', []],
    ['rejects.mjs', []],
    ['fails-to-import.mjs', []],
    ['exits.cjs', []],
    ['no-such-program.mjs', []],
    [
      'mapped.mts',
      ['--experimental-strip-types', '--enable-source-maps', '--disable-warning=ExperimentalWarning'],
    ],
  ])('%s ends with the same code and the same words', async ([program, flags], { expect }) => {
    const plain = await run(program, flags);
    const logged = await run(program, [...flags, ...REGISTER]);
    expect({ status: logged.status, stdout: logged.stdout }).toEqual({
      status: plain.status,
      stdout: plain.stdout,
    });
    expect(plain.status).not.toBe(0);
    // With any preload Node loads the main script another way, and shows other frames of its own.
    const preloaded = await run(program, [...flags, ...EMPTY]);
    expect(withoutFramesOfNode(logged.stderr)).toEqual(withoutFramesOfNode(preloaded.stderr));
  });

  it.for<[program: string, ours: number]>([
    ['throws-in-library.mjs', 0],
    ['throws-in-library.cjs', 2],
  ])('%s reads the same, with %i frames of this package in its stack', async ([program, ours], { expect }) => {
    const plain = JSON.parse((await run(program, [])).stdout);
    const logged = JSON.parse((await run(program, REGISTER)).stdout);
    expect(plain.ours).toBe(0);
    expect(logged).toEqual({ ...plain, ours });
  });
});

/**
 * What a user reads: the place and line of the source, the message, and the frames of the program and its libraries.
 * How Node itself came there differs with every preload, whatever it does.
 */
function withoutFramesOfNode(stderr: string): string {
  return stderr
    .replaceAll(
      /^ {4}at .*(node:internal|node:async_hooks|node:diagnostics_channel|<anonymous>|\/autolog\/dist\/).*\n/gm,
      '',
    )
    .replaceAll(/run-\w+/g, 'run')
    .replaceAll(/^node:internal\S*:\d+\n/gm, 'node:internal\n')
    .replaceAll(/^autolog: .* may be missing.*\n/gm, '');
}
