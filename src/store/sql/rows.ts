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

/** Rows in the order of the texts in one of their columns. */
export function inOrderOf(texts: readonly string[], rows: Rows, column: string): Rows {
  const byText = new Map(rows.map((row) => [String(row[column]), row]));
  return texts.map((text) => byText.get(text)).filter((row) => row !== undefined);
}
