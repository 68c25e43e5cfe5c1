import type { Row, Rows } from './operation.ts';

/** Rows by the text in one of their columns. */
export function groupRows(rows: Rows, column: string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = String(row[column]);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

/** Rows of `key` and `value` as a record. */
export function toRecord(rows: Rows = []): Record<string, string> {
  return Object.fromEntries(rows.map((row) => [String(row.key), String(row.value ?? '')]));
}

/** Sorts rows by a time, the latest first; rows of one time stay in their order. */
export function newestFirst(rows: Rows, column: string): Rows {
  return rows.toSorted((a, b) => Number(b[column]) - Number(a[column]));
}
