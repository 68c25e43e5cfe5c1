import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';

const COUNT = 200_000;

it('holds no chunk of a long stream, and of its text as much as a span shows, which says so', () => {
  const program = path.join(import.meta.dirname, 'memory-program.ts');
  const stdout = execFileSync(process.execPath, ['--expose-gc', program, String(COUNT)], { encoding: 'utf8' });
  const { grownBytes, ...told } = JSON.parse(stdout) as Record<string, unknown>;
  expect(told).toEqual({
    seen: COUNT,
    keptChunks: 0,
    textLength: 99_044,
    textEnd: ' … [cut: the stream goes on, and is not kept]',
    listEnd: '… [1 more items]',
  });
  // Between the 20,000th chunk and the last one; the chunks themselves are some 40 MB.
  expect(grownBytes).toBeLessThan(2_000_000);
});
