import { invalidParameter } from '../../errors.ts';

/** What one page of a search holds: at most, and where nothing is asked for. */
interface PageSize {
  readonly subject: string;
  readonly most: number;
  readonly usual: number;
}

const PAGE_SIZES = {
  experiments: { subject: 'experiments', most: 50_000, usual: 1000 },
  runs: { subject: 'runs', most: 50_000, usual: 1000 },
  loggedModels: { subject: 'logged models', most: 50_000, usual: 100 },
  traces: { subject: 'traces', most: 500, usual: 100 },
} as const satisfies Record<string, PageSize>;

/**
 * Checks how many results are asked for, and returns MLflow's default where nothing is.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no positive integer, or over the limit.
 */
export function checkMaxResults(kind: keyof typeof PAGE_SIZES, maxResults: number | null | undefined): number {
  const { subject, most, usual } = PAGE_SIZES[kind];
  if (maxResults === undefined || maxResults === null) return usual;
  if (Number.isSafeInteger(maxResults) && maxResults >= 1 && maxResults <= most) return maxResults;
  throw invalidParameter(
    `Cannot search ${subject}: maxResults is ${String(maxResults).slice(0, 60)}; pass an integer from 1 to ${most}.`,
  );
}
