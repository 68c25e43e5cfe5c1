/** Finds the name that was probably meant; undefined where none is near: two letters away, or a third of the length. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let least = Math.min(2, Math.floor(name.length / 3));
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance > least || (distance === least && nearest !== undefined)) continue;
    nearest = candidate;
    least = distance;
  }
  return nearest;
}

/** Letters to insert, remove, replace or swap with the next, from one word to the other. */
function editDistance(a: string, b: string): number {
  // Names that differ that much in length are never near, and may be of any length.
  if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY;
  let twoBack: number[] = [];
  let back = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(back, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(replaced, at(back, j) + 1, at(row, j - 1) + 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) best = Math.min(best, at(twoBack, j - 2) + 1);
      row.push(best);
    }
    twoBack = back;
    back = row;
  }
  return at(back, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
