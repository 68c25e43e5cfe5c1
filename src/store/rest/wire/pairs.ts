/** A key and its value, as MLflow's REST API writes maps. */
export interface WirePair {
  readonly key: string;
  readonly value?: string;
}

/** Writes a record as a list of pairs. */
export function toPairs(record: Readonly<Record<string, string>>): WirePair[] {
  return Object.entries(record).map(([key, value]) => ({ key, value }));
}

/** Reads a list of pairs; of repeated keys the last. */
export function parsePairs(pairs: readonly WirePair[] = []): Record<string, string> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value ?? '']));
}

/** Reads a whole number that a server writes as a number, or as a string where it exceeds what numbers hold. */
export function parseInteger(value: number | string | undefined): number {
  return Number(value ?? 0);
}
