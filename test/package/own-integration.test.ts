import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { requireInstalled } from '../support/requirements.ts';
import { packPackage, ROOT } from './packed-package.ts';

const execute = promisify(execFile);
const FOLDER = path.join(process.cwd(), 'own-integration');
const tools = requireInstalled('tools');

beforeAll(async () => {
  const { file } = await packPackage(process.cwd());
  fs.cpSync(path.join(ROOT, 'examples/own-integration'), FOLDER, { recursive: true });
  fs.writeFileSync(
    path.join(FOLDER, 'vitest.config.js'),
    'export default { test: { globals: true, include: ["*.test.js"] } };',
  );
  fs.writeFileSync(path.join(FOLDER, 'jest.config.json'), '{ "testMatch": ["**/*.test.js"], "transform": {} }');
  const args = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', file];
  await execute('npm', args, { cwd: FOLDER });
});

/** Runs the example's own tests; both streams, whatever the outcome. */
async function runTests(...args: readonly string[]): Promise<{ readonly output: string; readonly code: number }> {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
  for (const name of Object.keys(env)) if (/^(VITEST|NODE_OPTIONS|NODE_TEST|TEST$)/.test(name)) delete env[name];
  try {
    const { stdout, stderr } = await execute(process.execPath, args, { cwd: FOLDER, env });
    return { output: stdout + stderr, code: 0 };
  } catch (error) {
    const { stdout, stderr, code } = error as { stdout: string; stderr: string; code: number };
    return { output: stdout + stderr, code };
  }
}

describe('the example of an integration of its own, in a project of its own', () => {
  it('passes the contract under node:test', async () => {
    const { output, code } = await runTests('--test');
    expect(output).toMatch(/pass 12\n.*fail 0\n/);
    expect(code).toBe(0);
  });

  it('fails it, with what was logged to paste, once it logs something else', async () => {
    const file = path.join(FOLDER, 'logistic-regression.js');
    const text = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, text.replace('training_accuracy:', 'accuracy:'));
    try {
      const { output, code } = await runTests('--test');
      expect(output).toMatch(/If it is right, paste it as 'expected':[\s\S]+metrics: \[ 'accuracy' \]/);
      expect(code).toBe(1);
    } finally {
      fs.writeFileSync(file, text);
    }
  });

  describe.skipIf(tools.isMissing)(tools.title('under other test runners'), () => {
    it.each([
      ['vitest', /Tests {2}12 passed \(12\)/, ['vitest/vitest.mjs', 'run']],
      ['mocha', /12 passing/, ['mocha/bin/mocha.js', 'logistic-regression.test.js']],
      ['jest', /Tests: +12 passed, 12 total/, ['jest/bin/jest.js', '-c', 'jest.config.json']],
    ] as const)('passes it under %s', async (_, counts, [binary, ...args]) => {
      const flags = binary.startsWith('jest') ? ['--experimental-vm-modules', '--no-warnings'] : [];
      const { output, code } = await runTests(...flags, path.join(tools.modules, binary), ...args);
      expect(output).toMatch(counts);
      expect(code).toBe(0);
    });
  });
});
