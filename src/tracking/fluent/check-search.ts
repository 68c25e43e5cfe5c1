import { invalidParameter } from '../../errors.ts';
import { requireKnownOptions, requireOptions } from '../check-argument.ts';

/** What is searched, and the options of its own. */
export interface SearchKind {
  /** In the plural, as "runs". */
  readonly what: string;
  readonly options: readonly string[];
}

export const EXPERIMENT_SEARCH: SearchKind = { what: 'experiments', options: ['viewType'] };
export const RUN_SEARCH: SearchKind = { what: 'runs', options: ['experimentIds', 'viewType'] };
export const MODEL_SEARCH: SearchKind = { what: 'logged models', options: ['experimentIds', 'datasets'] };
export const TRACE_SEARCH: SearchKind = { what: 'traces', options: ['experimentIds'] };

const SHARED_OPTIONS: readonly string[] = ['filter', 'orderBy', 'maxResults'];

/**
 * Checks the options of a search by a function.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for an option that there is not, or ids that are no list.
 */
export function checkSearch(
  { what, options: own }: SearchKind,
  options: object,
  more: readonly string[] = [],
): void {
  const attempt = `Cannot search ${what}`;
  requireOptions(attempt, options, '{ maxResults: 10 }');
  requireKnownOptions(attempt, options, [...SHARED_OPTIONS, ...own, ...more]);
  const { experimentIds } = options as { readonly experimentIds?: unknown };
  if (experimentIds === undefined || Array.isArray(experimentIds)) return;
  throw invalidParameter(`${attempt}: its experimentIds are no list; pass one, as ['0'].`);
}

/**
 * Checks the options of a search by the client: where experiments are to be named, nothing stands for them.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE as `checkSearch`, and where ids are missing.
 */
export function checkClientSearch(kind: SearchKind, options: object): void {
  checkSearch(kind, options, ['pageToken']);
  const { experimentIds } = options as { readonly experimentIds?: unknown };
  if (experimentIds !== undefined || !kind.options.includes('experimentIds')) return;
  throw invalidParameter(`Cannot search ${kind.what}: there are no experimentIds; pass a list, as ['0'].`);
}
