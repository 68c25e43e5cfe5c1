import fs from 'node:fs';
import path from 'node:path';

/** What docs/python-api.md says of a function of Python's. */
export interface DocumentedFunction {
  /** Name of ours; empty where there is none. */
  readonly here: string;
  readonly remark: string;
}

/** What the tables of docs/python-api.md say. */
export interface PythonApiDocs {
  /** By Python's name. */
  readonly functions: ReadonlyMap<string, DocumentedFunction>;
  readonly ours: ReadonlySet<string>;
}

/** Reads docs/python-api.md. */
export function pythonApiDocs(): PythonApiDocs {
  const text = fs.readFileSync(path.join(import.meta.dirname, '../../docs/python-api.md'), 'utf8');
  const functions = new Map<string, DocumentedFunction>();
  const ours = new Set<string>();
  for (const section of text.split(/^## /m).slice(1)) {
    const rows = [...section.matchAll(/^\| (.*) \|$/gm)].map(([, row]) => `${row}`.split(' | ')).slice(2);
    for (const cells of rows) {
      const remark = cells.at(-1) ?? '';
      const here = cells.length === 3 || section.startsWith('Ours') ? namesIn(cells.at(-2))[0] : undefined;
      if (here !== undefined) ours.add(here);
      if (section.startsWith('Ours')) continue;
      for (const name of namesIn(cells[0])) functions.set(name, { here: here ?? '', remark });
    }
  }
  return { functions, ours };
}

function namesIn(cell: string | undefined): string[] {
  return Array.from(cell?.matchAll(/`([\w.]+)`/g) ?? [], ([, name]) => `${name}`);
}
