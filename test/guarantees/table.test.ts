import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');

interface Row {
  readonly id: string;
  readonly says: string;
  readonly keptBy: string;
  readonly provenBy: string;
}

const rows = readRows(fs.readFileSync(path.join(ROOT, 'docs/guarantees.md'), 'utf8'));

function readRows(text: string): Row[] {
  return [...text.matchAll(/^\| (\d+|[a-l]) \| (.+) \| (.+) \| (.+) \|$/gm)].map(
    ([, id = '', says = '', keptBy = '', provenBy = '']) => ({ id, says, keptBy, provenBy }),
  );
}

/** Titles with the file that a row names before them. */
function readProofs(cell: string): { file: string; title: string }[] {
  let file = '';
  const proofs: { file: string; title: string }[] = [];
  for (const [, path = '', title = ''] of cell.matchAll(/`(test\/[^`]+)` |“([^”]+)”/g)) {
    if (path !== '') file = path;
    else proofs.push({ file, title });
  }
  return proofs;
}

/** Titles as they stand in a file, generated ones as their template. */
function hasTitle(source: string, title: string): boolean {
  const escaped = title.replaceAll("'", "\\'");
  return [`'${title}'`, `'${escaped}'`, `"${title}"`, `\`${title}\``].some((literal) => source.includes(literal));
}

describe('the table of guarantees', () => {
  it('has each of the 54 guarantees and 12 holes once, in order', () => {
    const numbers = Array.from({ length: 54 }, (_, index) => String(index + 1));
    expect(rows.map(({ id }) => id)).toEqual([...numbers, ...'abcdefghijkl']);
  });

  it.each(rows.map((row) => [row.id, row] as const))(
    'names for %s what is there',
    (_id, { says, keptBy, provenBy }) => {
      const proofs = readProofs(provenBy);
      const files = [...keptBy.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
      if (says.startsWith('No meaning in JavaScript: ')) {
        expect([keptBy, provenBy]).toEqual(['–', '–']);
        return;
      }
      expect(files.length).toBeGreaterThan(0);
      expect(proofs.length).toBeGreaterThan(0);
      expect(files.filter((file) => !fs.existsSync(path.join(ROOT, file)))).toEqual([]);
      const missing = proofs.filter(({ file, title }) => {
        const place = path.join(ROOT, file);
        return file === '' || !fs.existsSync(place) || !hasTitle(fs.readFileSync(place, 'utf8'), title);
      });
      expect(missing).toEqual([]);
    },
  );

  it('says nothing in another form beside what is checked', () => {
    const rest = rows.map(({ provenBy }) => provenBy.replaceAll(/`test\/[^`]+` |“[^”]+”|[;,–] ?/g, ''));
    expect(rest.filter((text) => text.trim() !== '')).toEqual([]);
  });
});
