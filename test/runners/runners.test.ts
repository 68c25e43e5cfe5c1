import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeProject, ROOT, recorded, requireTools, runNode, TOOLS } from '../bundlers/make-project.ts';
import { SUITE_COUNTS, type SuiteOptions, suiteText } from './suite.ts';

/** A test runner, how it is started, and what autologging can reach in it. */
interface Case {
  readonly name: string;
  /** Arguments of Node; the test files come last. */
  readonly args: readonly string[];
  readonly suite: SuiteOptions;
  /** Files beside the suites. */
  readonly files?: Readonly<Record<string, string>>;
  /** Whether spans and runs of the suites are recorded. */
  readonly isRecorded: boolean;
  readonly extension: string;
}

const TIMEOUT_MS = 120_000;
const FILES = 2;
const tools = requireTools();
const VM_MODULES = '--experimental-vm-modules';
const REQUIRES_ESM =
  Number(process.versions.node.split('.')[0]) >= 26 || /^24\.(9|\d\d)\./.test(process.versions.node);

const jest = path.join(TOOLS, 'jest/bin/jest.js');
const mocha = path.join(TOOLS, 'mocha/bin/mocha.js');
const CONFIG = {
  'jest.json': JSON.stringify({
    testMatch: ['**/suite-*'],
    transform: {},
    testEnvironment: 'node',
    moduleFileExtensions: ['js', 'mjs', 'cjs', 'json'],
  }),
};

const CASES: readonly Case[] = [
  jestCase('jest', ['-w', '2'], 'CommonJS', false),
  jestCase('jest in one process', ['-i', '--detectOpenHandles'], 'CommonJS', false),
  jestCase('jest with ES modules', ['-i'], 'ESM', false, true),
  jestCase('jest with ES modules that hands its libraries over', ['-i', '--detectOpenHandles'], 'ESM', true, true),
  ...(REQUIRES_ESM
    ? [
        jestCase('jest that hands its libraries over', ['-i'], 'CommonJS', true, true),
        {
          ...jestCase('jest with fake timers', ['-i', '--detectOpenHandles'], 'CommonJS', true, true),
          suite: { format: 'CommonJS', isGiven: true, prelude: 'jest.useFakeTimers();' } as const,
        },
      ]
    : []),
  ...[4, 5].flatMap((version) => [
    ...['forks', 'threads'].map((pool) => vitestCase(version, pool, false)),
    ...['vmForks', 'vmThreads'].map((pool) => vitestCase(version, pool, false)),
  ]),
  vitestCase(5, 'vmForks', true),
  vitestCase(5, 'vmThreads', true),
  {
    name: 'mocha',
    args: [mocha],
    suite: { format: 'CommonJS' },
    isRecorded: true,
    extension: 'cjs',
  },
  {
    name: 'mocha in parallel',
    args: [mocha, '--parallel'],
    suite: { format: 'ESM' },
    isRecorded: true,
    extension: 'mjs',
  },
  ...['process', 'none'].map((isolation) => ({
    name: `node --test with isolation ${isolation}`,
    // Node before 22.8 has no other isolation than processes.
    args: ['--test', `--test-isolation=${isolation}`, '--test-reporter=spec'],
    suite: { format: 'ESM', prelude: "import { describe, it } from 'node:test';" } as const,
    isRecorded: true,
    extension: 'mjs',
  })),
];

describe.skipIf(tools.isMissing)(tools.title('a suite under'), () => {
  it.for(CASES.map((each) => [each.name, each] as const))(
    '%s has the same outcome with autologging',
    { timeout: TIMEOUT_MS },
    async ([, each]) => {
      const project = makeProject(fs.mkdtempSync(path.join(process.cwd(), 'runner-')));
      const suites = Array.from({ length: FILES }, (_, index) => `suite-${index}.test.${each.extension}`);
      for (const name of suites) fs.writeFileSync(path.join(project, name), suiteText(each.suite));
      for (const [name, text] of Object.entries(each.files ?? {}))
        fs.writeFileSync(path.join(project, name), text);
      if (each.name.startsWith('vitest')) linkVitest(project, each.name);

      const args = [...each.args, ...suites];
      const off = await runNode(args, { cwd: project, env: { NO_COLOR: '1', AUTOLOG_DISABLED: 'true' } });
      const env = { NO_COLOR: '1', NODE_OPTIONS: '--import=autolog/register' };
      const on = await runNode(args, { cwd: project, env });

      expect(countsOf(off)).toEqual({ passed: FILES * SUITE_COUNTS.passed, failed: FILES * SUITE_COUNTS.failed });
      expect({ status: on.status, ...countsOf(on) }).toEqual({ status: off.status, ...countsOf(off) });
      expect(`${on.stdout}${on.stderr}`).not.toMatch(/autolog: |MaxListeners|open handle/);
      const { spans, runs } = recorded(project);
      const perFile = each.isRecorded ? FILES : 0;
      expect({ spans: spans.length, runs: runs.length }).toEqual({ spans: perFile * 4, runs: perFile });
    },
  );

  it('vitest 4 with pool vmThreads is told in one line that nothing is logged', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const project = makeProject(fs.mkdtempSync(path.join(process.cwd(), 'runner-')));
    const { args, suite } = vitestCase(4, 'vmThreads', true);
    fs.writeFileSync(path.join(project, 'suite-0.test.mjs'), suiteText(suite));
    linkVitest(project, 'vitest 4');
    const ended = await runNode([...args, 'suite-0.test.mjs'], { cwd: project, env: { NO_COLOR: '1' } });
    expect(countsOf(ended)).toEqual(SUITE_COUNTS);
    const lines = `${ended.stdout}\n${ended.stderr}`.match(/^autolog: .*/gm);
    expect(lines).toEqual([expect.stringContaining('this sandbox cannot require ES modules')]);
    expect(recorded(project).spans).toEqual([]);
  });
});

it('docs/testing-under-autolog.md names every runner that is tested', () => {
  const text = fs.readFileSync(path.join(ROOT, 'docs/testing-under-autolog.md'), 'utf8');
  for (const { name } of CASES) expect(text).toContain(name.replace(/^(vitest \d) .*/, '$1'));
});

function jestCase(
  name: string,
  flags: readonly string[],
  format: 'ESM' | 'CommonJS',
  isGiven: boolean,
  hasVmModules = false,
): Case {
  return {
    name,
    args: [...(hasVmModules ? [VM_MODULES] : []), jest, '--config', 'jest.json', ...flags],
    suite: { format, isGiven },
    files: CONFIG,
    isRecorded: isGiven,
    extension: format === 'ESM' ? 'mjs' : 'cjs',
  };
}

function vitestCase(version: number, pool: string, isGiven: boolean): Case {
  const folder = version === 5 ? TOOLS : path.join(ROOT, 'node_modules');
  return {
    name: `vitest ${version} with pool ${pool}${isGiven ? ' that hands its libraries over' : ''}`,
    args: [path.join(folder, 'vitest/vitest.mjs'), 'run', '--pool', pool],
    suite: { format: 'ESM', prelude: "import { describe, it } from 'vitest';", isGiven },
    isRecorded: isGiven || !pool.startsWith('vm'),
    extension: 'mjs',
  };
}

function linkVitest(project: string, name: string): void {
  const place = path.join(project, 'node_modules/vitest');
  fs.rmSync(place);
  const folder = name.startsWith('vitest 5') ? TOOLS : path.join(ROOT, 'node_modules');
  fs.symlinkSync(path.join(folder, 'vitest'), place, 'dir');
}

/** Counts of passed and failed cases, as each runner prints them. */
function countsOf({ stdout, stderr }: { stdout: string; stderr: string }): { passed: number; failed: number } {
  const text = `${stdout}\n${stderr}`;
  const lines = /^\s*Tests:? .*/m.exec(text)?.[0] ?? text;
  return {
    passed: Number((/(\d+) pass(?:ed|ing)/.exec(lines) ?? /^ℹ pass (\d+)/m.exec(lines))?.[1]),
    failed: Number((/(\d+) fail(?:ed|ing)/.exec(lines) ?? /^ℹ fail (\d+)/m.exec(lines))?.[1]),
  };
}
