import type { Page } from '../../../entities/page.ts';
import type { TraceInfo } from '../../../entities/trace.ts';
import { checkMaxResults } from '../../search/max-results.ts';
import { parseTraceFilter, parseTraceOrderBy } from '../../search/trace-grammar.ts';
import type { SearchTracesOptions } from '../../search-options.ts';
import type { DialectName } from '../dialect.ts';
import type { Operation } from '../operation.ts';
import { readTraceInfos } from '../read-traces.ts';
import type { SchemaShape } from '../schema/verify.ts';
import { toExperimentIds } from './experiment-ids.ts';
import { readPage } from './read-page.ts';
import { SEARCH_DIALECTS } from './search-dialect.ts';
import { and, raw, sql } from './sql-text.ts';
import { toTraceConditions } from './trace-filters.ts';
import { sortedTraceRows, toTraceOrder } from './trace-order.ts';

/** Searches the traces of experiments. */
export function* searchTraces(
  options: SearchTracesOptions,
  name: DialectName,
  shape: SchemaShape,
): Operation<Page<TraceInfo>> {
  const { filter, orderBy, pageToken } = options;
  const dialect = SEARCH_DIALECTS[name];
  const maxResults = checkMaxResults('traces', options.maxResults);
  const experimentIds = toExperimentIds(options.experimentIds);
  const clauses = parseTraceFilter(filter);
  const order = toTraceOrder(parseTraceOrderBy(orderBy), shape);
  if (experimentIds.length === 0) return { items: [], nextPageToken: null };
  const scope = { experimentIds, shape, dialect };
  const conditions = [
    raw(`t.experiment_id IN (${experimentIds.join(', ')})`),
    ...toTraceConditions(clauses, scope),
  ];
  const joins = sortedTraceRows(order, dialect);
  const request = ['traces', experimentIds, filter || null, orderBy ?? []];
  const { rows, nextPageToken } = yield* readPage(
    { columns: order, maxResults, pageToken, request, dialect },
    (part) =>
      sql`SELECT t.request_id AS request_id, ${part.selection} FROM trace_info AS t${joins} WHERE ${and([...conditions, ...part.conditions])} ORDER BY ${part.order} ${part.limit}`,
  );
  return {
    items: yield* readTraceInfos(
      rows.map((row) => String(row.request_id)),
      shape,
    ),
    nextPageToken,
  };
}
