import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { readTable } from './read-table.ts';

const HEAD = 'what nobody waits for';
const rows = readTable(HEAD);

interface RecordedSpan {
  readonly status: string;
  readonly isAbandoned: boolean;
  readonly outputs?: unknown;
}

/** What the world sees of a program: its output, its errors and its exit code. */
async function run(mode: string, situation: string, spansFile: string): Promise<readonly unknown[]> {
  const program = path.join(import.meta.dirname, 'dropped-program.ts');
  const child = spawn(process.execPath, ['--expose-gc', program, mode, situation], {
    env: { ...process.env, SPANS_FILE: spansFile },
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return [stdout, stderr.replaceAll(/req_\w+/g, 'req'), code];
}

/** As the table says it. */
function describeSpan({ status, isAbandoned, outputs }: RecordedSpan): string {
  return [status, ...(isAbandoned ? ['abandoned'] : []), describeOutputs(outputs)].join(', ');
}

function describeOutputs(outputs: unknown): string {
  if (outputs === undefined) return 'no outputs';
  const { status } = Object(outputs) as { status?: number };
  return status === undefined ? 'outputs' : `status ${status}`;
}

describe.concurrent.each(rows)(`$${HEAD}`, (row) => {
  it('is the same to the program, and recorded as docs/streams.md says', async ({ expect: expectHere }) => {
    const situation = row[HEAD] ?? '';
    const file = path.resolve(`${situation.replaceAll(/\W+/g, '-')}.json`);
    const [expected, seen] = await Promise.all([run('plain', situation, file), run('observed', situation, file)]);
    expectHere(seen).toEqual(expected);
    const spans = JSON.parse(fs.readFileSync(file, 'utf8')) as RecordedSpan[];
    expectHere(spans.map(describeSpan)).toEqual([row['the span says']]);
  }, 60_000);
});

it('has a row for each situation of the program', () => {
  const program = fs.readFileSync(path.join(import.meta.dirname, 'dropped-program.ts'), 'utf8');
  const names = [...program.matchAll(/^ {2}'(.+)': (?:async )?\(\) =>/gm)].map(([, name]) => name);
  expect(rows.map((row) => row[HEAD])).toEqual(names);
});
