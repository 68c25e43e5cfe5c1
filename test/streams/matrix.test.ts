import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { ENDINGS } from './endings.ts';
import { KINDS } from './kinds.ts';
import type { Played } from './matrix-program.ts';
import { readTable } from './read-table.ts';

const HEAD = 'a stream that …';
const rows = readTable(HEAD);

interface Run {
  readonly played: readonly Played[];
  readonly stderr: string;
}

let plain: Run;
let observed: Run;

async function run(mode: string): Promise<Run> {
  const program = path.join(import.meta.dirname, 'matrix-program.ts');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--expose-gc', program, mode]);
  return { played: JSON.parse(stdout) as Played[], stderr };
}

beforeAll(async () => {
  [plain, observed] = await Promise.all([run('plain'), run('observed')]);
}, 60_000);

it('has a row in docs/streams.md for each way to end, and nothing to tell on stderr', () => {
  expect(rows.map((row) => row[HEAD])).toEqual(Object.keys(ENDINGS));
  expect([plain.stderr, observed.stderr]).toEqual(['', '']);
});

describe.each(rows)(`a stream that $${HEAD}`, (row) => {
  it.each(KINDS)('is the same to the program, and recorded as docs/streams.md says: %s', (kind) => {
    const find = ({ played }: Run) => {
      const found = played.find((each) => each.kind === kind && each.ending === row[HEAD]);
      if (found === undefined) throw new Error(`${row[HEAD]}: not played with ${kind}.`);
      return found;
    };
    const { spans: _, ...expected } = find(plain);
    const { spans, ...seen } = find(observed);
    expect(seen).toEqual(expected);
    if (seen.log === null) expect(row[kind]).toBe('–');
    else expect(spans).toEqual([row[kind]]);
  });
});
