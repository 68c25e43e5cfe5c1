import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { copyNames } from './openai-setup.ts';

const program = fileURLToPath(new URL('openai-unhandled-program.ts', import.meta.url));

/** Runs the program; answers its output and exit code. */
async function run(...args: string[]): Promise<{ output: string; code: number }> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args]);
    return { output: stdout, code: 0 };
  } catch (error) {
    const { stdout, code } = error as { stdout: string; code: number };
    return { output: stdout, code };
  }
}

describe.each(copyNames)('%s', (name) => {
  it('raises the unhandled rejections that it raises without autologging', async () => {
    const [plain, patched] = await Promise.all([run(name, 'plain'), run(name, 'patched')]);
    expect(JSON.parse(patched.output)).toEqual(JSON.parse(plain.output));
    expect(Object.values(JSON.parse(plain.output)).flat().length).toBeGreaterThan(10);
  });
});

it.each(['left alone', 'loop over a breaking stream, caught'])(
  'leaves the process as dead or alive as without autologging: %s',
  async (scenario) => {
    const [plain, patched] = await Promise.all([
      run('openai 7 imported', 'plain', scenario),
      run('openai 7 imported', 'patched', scenario),
    ]);
    expect(patched).toEqual(plain);
  },
);
