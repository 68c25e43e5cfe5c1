/** A span shows 100,000 characters of one text: the mark of one that was cut stands within. */
const MAX_TEXT = 99_000;
const CUT = '… [cut: the stream goes on, and is not kept]';

/** A span shows 1,000 items of a list, and then how many more there are: at least one. */
export const MAX_ITEMS = 1_001;

/** Joins a text and its next piece, until there is more than a span shows; then it ends in a mark that says so. */
export function joinText(before: string, piece: string): string {
  if (before.length > MAX_TEXT) return before;
  const joined = before + piece;
  return joined.length > MAX_TEXT ? joined.slice(0, MAX_TEXT) + CUT : joined;
}

/** Adds items to a list, until there are more than a span shows. */
export function addItems(list: unknown[], items: readonly unknown[]): void {
  for (const item of items) {
    if (list.length >= MAX_ITEMS) return;
    list.push(item);
  }
}
