import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeProject, ROOT, runNode } from '../bundlers/make-project.ts';
import { query } from './query.ts';

type Specs = readonly (readonly [name: string, outcome: string, value?: string])[];

/** A file of cases and the release of the library that it runs on. */
interface Case {
  readonly file: string;
  readonly library: string;
  /** Folder of `node_modules` that stands in for the library's own. */
  readonly folder: string;
  /** Fewest spans that prove that calls were recorded. */
  readonly spans: number;
}

const TIMEOUT_MS = 120_000;

const CASES: readonly Case[] = [
  { file: 'openai-cases.mjs', library: 'openai', folder: 'openai', spans: 100 },
  { file: 'openai-cases.mjs', library: 'openai', folder: 'openai-6', spans: 100 },
  { file: 'openai-cases.mjs', library: 'openai', folder: 'openai-5', spans: 100 },
  { file: 'langchain-cases.mjs', library: '@langchain/core', folder: '@langchain/core', spans: 100 },
  { file: 'langchain-cases.mjs', library: '@langchain/core', folder: '@langchain/core-03', spans: 100 },
];

describe('what a library documents', () => {
  it.for(CASES)('is the same with autologging: $folder', { timeout: TIMEOUT_MS }, async (each) => {
    const project = makeProject(fs.mkdtempSync(path.join(process.cwd(), 'cases-')));
    const place = path.join(project, 'node_modules', each.library);
    fs.rmSync(place);
    // A link would lead to a folder of another name.
    fs.cpSync(path.join(ROOT, 'node_modules', each.folder), place, { recursive: true });
    for (const name of [each.file, 'run-cases.mjs']) {
      fs.copyFileSync(path.join(import.meta.dirname, name), path.join(project, name));
    }
    const off = await run(project, each.file, []);
    const on = await run(project, each.file, ['--import', 'autolog/register']);
    const version = JSON.parse(fs.readFileSync(path.join(place, 'package.json'), 'utf8')).version;
    const counts = [off, on].map((specs) => specs.filter(([, outcome]) => outcome === 'passed').length);
    process.stdout.write(
      `${each.library} ${version}: ${counts[0]} of ${off.length} pass, with autologging ${counts[1]}\n`,
    );

    expect(off.filter(([, outcome]) => outcome !== 'passed')).toEqual([]);
    const different = on.filter((spec, index) => spec.join() !== off[index]?.join());
    expect(different).toEqual([]);
    expect(on.map(([name]) => name)).toEqual(off.map(([name]) => name));
    expect(query(project, 'SELECT count(*) AS n FROM spans')[0]?.n).toBeGreaterThan(each.spans);
  });
});

async function run(project: string, file: string, args: readonly string[]): Promise<Specs> {
  const specs = path.join(project, 'specs.json');
  const { status, stderr } = await runNode([...args, file], { cwd: project, env: { SPECS: specs } });
  expect({ status, lines: stderr.match(/^autolog: .*/gm) }).toEqual({ status: 0, lines: null });
  return JSON.parse(fs.readFileSync(specs, 'utf8'));
}
