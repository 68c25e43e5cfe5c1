/** Numbers and choices that look random and are the same every time. */
export interface Random {
  /** A whole number from 0 to one less than `count`. */
  integer(count: number): number;
  pick<T>(choices: readonly T[]): T;
  /** Leaves out some entries. */
  some<T>(entries: Readonly<Record<string, T>>): Record<string, T>;
}

/** Begins a row of numbers. */
export function createRandom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (count: number): number => Math.floor(next() * count);
  return {
    integer,
    pick: <T>(choices: readonly T[]) => choices[integer(choices.length)] as T,
    some: (entries) => Object.fromEntries(Object.entries(entries).filter(() => integer(4) > 0)),
  };
}
