import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeProject, openaiProgram } from '../cli/doctor-setup.ts';
import { ROOT } from './packed-package.ts';

interface End {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command of the package as it is built, from a project that has it installed. */
async function runBuilt(folder: string, args: readonly string[]): Promise<End> {
  const place = path.join(folder, 'node_modules/autolog');
  fs.symlinkSync(ROOT, place);
  const command = path.join(place, 'dist/src/cli/main.js');
  const { AUTOLOG_TESTING: _, NODE_OPTIONS: __, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ exitCode: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

describe.concurrent('the built autolog doctor', () => {
  it('looks at a folder', async () => {
    const { exitCode, stdout, stderr } = await runBuilt(makeProject({ openai: 'real' }), ['doctor']);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^ {2}openai +openai 7\.55\.0 /m);
    expect(stdout).toMatch(/^No problem was found\.$/m);
  });

  it('reports on a script that turns autologging on itself', async () => {
    const text = `import { autolog } from 'autolog';\nautolog({ logModels: false });\n${openaiProgram('')}`;
    const folder = makeProject({ openai: 'real' }, { 'program.mjs': text, '.autologrc': 'silent: true' });
    const { exitCode, stdout, stderr } = await runBuilt(folder, ['doctor', 'program.mjs']);
    expect([exitCode, stdout]).toEqual([0, 'hello\n']);
    expect(stderr).toMatch(/openai 7\.55\.0 .*patched: \d+ functions/);
    expect(stderr).toMatch(/program\.mjs ended with exit code 0; it turns autologging on itself$/m);
    expect(stderr).toMatch(/recorded +0 runs, 1 trace with 1 span$/m);
    expect(stderr).toMatch(/logModels +false +from code/);
    expect(stderr).toMatch(/silent +true +from \.autologrc/);
  });

  it('reports on a script that does not', async () => {
    const folder = makeProject({ openai: 'real' }, { 'program.mjs': openaiProgram('') });
    const { exitCode, stderr } = await runBuilt(folder, ['doctor', 'program.mjs']);
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringMatching(/it was run as by --import autolog\/register$/m),
    ]);
    expect(stderr).toMatch(/1 trace with 1 span$/m);
  });
});
