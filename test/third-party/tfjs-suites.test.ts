import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeProject, requireTools, runNode } from '../bundlers/make-project.ts';
import { requireInstalled } from '../support/requirements.ts';
import { query } from './query.ts';
import { buildSuite, coreSuite, layersSuite, type Suite } from './tfjs-suites.ts';

type Specs = readonly (readonly [name: string, status: string])[];

const TIMEOUT_MS = 240_000;

/** A suite takes all data from tensors that models still have, and gives optimizers of one run other params. */
const EXPLAINED = /Cannot save the weight '[^']+': its values are gone|: Changing param values/;

const tools = requireTools();
const suites = tools.isMissing ? tools : requireInstalled('third-party');

describe.skipIf(suites.isMissing)(suites.title('the tests of the authors'), () => {
  it('of tfjs-layers end alike with autologging', { timeout: TIMEOUT_MS }, async () => {
    const folder = fs.mkdtempSync(path.join(process.cwd(), 'layers-'));
    const { off, on } = await runBoth(layersSuite(path.join(folder, 'tests')), folder, {});
    tell('tfjs-layers, tests of 3.9 on 4.22', off, on);
    expect(on).toEqual(off);
    // What fails in both is what the releases differ in.
    expect(count(off, 'passed')).toBeGreaterThan(2500);
    expect(query(path.join(folder, 'on'), 'SELECT count(*) AS n FROM runs')[0]?.n).toBeGreaterThan(100);
    expect(query(path.join(folder, 'on'), 'SELECT count(*) AS n FROM metrics')[0]?.n).toBeGreaterThan(100);
  });

  it('of tfjs-core end alike with autologging, in a run', { timeout: TIMEOUT_MS }, async () => {
    const folder = fs.mkdtempSync(path.join(process.cwd(), 'core-'));
    const { off, on } = await runBoth(coreSuite(), folder, { IN_RUN: 'true' });
    tell('tfjs-core 4.22', off, on);
    expect(on).toEqual(off);
    expect(count(off, 'passed')).toBeGreaterThan(450);
    const names = query(path.join(folder, 'on'), "SELECT key FROM metrics WHERE key LIKE '%batch_loss' LIMIT 1");
    expect(names).toHaveLength(1);
  });
});

async function runBoth(suite: Suite, folder: string, env: Readonly<Record<string, string>>) {
  const project = makeProject(folder);
  fs.symlinkSync(
    path.join(import.meta.dirname, 'node_modules/jasmine-core'),
    path.join(project, 'node_modules/jasmine-core'),
    'dir',
  );
  const file = await buildSuite(suite, project);
  return {
    off: await runSuite(file, path.join(folder, 'off'), {}),
    on: await runSuite(file, path.join(folder, 'on'), { ...env, WITH_AUTOLOG: 'true' }),
  };
}

async function runSuite(file: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Specs> {
  fs.mkdirSync(cwd);
  const specs = path.join(cwd, 'specs.json');
  const { status, stderr } = await runNode([file], { cwd, env: { ...env, SPECS: specs } });
  expect(status).toBe(0);
  const lines = stderr.match(/^autolog: .*/gm) ?? [];
  expect(lines.filter((line) => !EXPLAINED.test(line))).toEqual([]);
  return JSON.parse(fs.readFileSync(specs, 'utf8'));
}

function tell(what: string, off: Specs, on: Specs): void {
  const text = [off, on].map((each) => `${count(each, 'passed')} passed, ${count(each, 'failed')} failed`);
  process.stdout.write(`${what}: without autologging ${text[0]}; with it ${text[1]}\n`);
}

function count(specs: Specs, status: string): number {
  return specs.filter(([, each]) => each === status).length;
}
