import fs from 'node:fs';
import path from 'node:path';

const DOCUMENT = path.join(import.meta.dirname, '../../docs/streams.md');

/** Reads a table of `docs/streams.md`, which begins with the given head: the cells of each row under their columns. */
export function readTable(head: string): Readonly<Record<string, string>>[] {
  const lines = fs.readFileSync(DOCUMENT, 'utf8').split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${head} |`));
  if (start === -1) throw new Error(`docs/streams.md has no table '${head}'.`);
  const columns = cellsOf(lines[start]);
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines.slice(start + 2, end).map((line) => {
    const cells = cellsOf(line);
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']));
  });
}

function cellsOf(line = ''): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}
