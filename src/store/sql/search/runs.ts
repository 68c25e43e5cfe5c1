import type { Page } from '../../../entities/page.ts';
import type { Run } from '../../../entities/run.ts';
import type { ViewType } from '../../../entities/view-type.ts';
import { checkMaxResults } from '../../search/max-results.ts';
import { parseRunFilter, parseRunOrderBy } from '../../search/run-grammar.ts';
import type { SearchRunsOptions } from '../../search-options.ts';
import type { DialectName } from '../dialect.ts';
import type { Operation } from '../operation.ts';
import { readRuns } from '../runs.ts';
import { toExperimentIds } from './experiment-ids.ts';
import type { Rank } from './order.ts';
import { readPage } from './read-page.ts';
import { toRunFilters } from './run-filters.ts';
import { toRunOrder } from './run-order.ts';
import { chooseRunPlan } from './run-plan.ts';
import { type RunSearch, writeRunQuery } from './run-query.ts';
import { SEARCH_DIALECTS } from './search-dialect.ts';

/** Searches the runs of experiments. */
export function* searchRuns(options: SearchRunsOptions, name: DialectName): Operation<Page<Run>> {
  const { experimentIds, filter, orderBy, viewType = 'ACTIVE_ONLY', pageToken } = options;
  const dialect = SEARCH_DIALECTS[name];
  const maxResults = checkMaxResults('runs', options.maxResults);
  const search = {
    scope: { experimentIds: toExperimentIds(experimentIds), stages: stagesOf(viewType) },
    filters: toRunFilters(parseRunFilter(filter), dialect),
    order: toRunOrder(parseRunOrderBy(orderBy)),
  };
  const request = ['runs', search.scope, filter || null, orderBy ?? []];
  if (search.scope.experimentIds.length === 0) return { items: [], nextPageToken: null };
  const plan = yield* chooseRunPlan(search, dialect);
  const { rows, nextPageToken } = yield* readPage(
    { columns: search.order, maxResults, pageToken, request, dialect },
    (part) => (isEmpty(part.rank, search) ? null : writeRunQuery(search, plan, part, dialect)),
  );
  return { items: yield* readRuns(rows.map((row) => String(row.run_uuid))), nextPageToken };
}

/** Where a filter wants a value of the key that is sorted by, runs without it need not be looked for. */
function isEmpty(rank: Rank, { filters, order }: RunSearch): boolean {
  const sorted = order[0]?.value;
  if (sorted === undefined) return false;
  return filters.values.some(
    ({ table, key, canBe }) => table === sorted.table && key === sorted.key && !canBe(rank),
  );
}

/** Life-cycle stages of a view. */
export function stagesOf(viewType: ViewType): readonly ('active' | 'deleted')[] {
  if (viewType === 'ALL') return ['active', 'deleted'];
  return [viewType === 'DELETED_ONLY' ? 'deleted' : 'active'];
}
