import type { LoggedModel } from '../../../entities/logged-model.ts';
import type { Page } from '../../../entities/page.ts';
import type { Clause, LoggedModelEntity } from '../../search/clause.ts';
import {
  checkDatasetRefs,
  parseLoggedModelFilter,
  parseLoggedModelOrderBy,
} from '../../search/logged-model-grammar.ts';
import { checkMaxResults } from '../../search/max-results.ts';
import type { DatasetRef, SearchLoggedModelsOptions } from '../../search-options.ts';
import type { DialectName } from '../dialect.ts';
import { readLoggedModels } from '../logged-models.ts';
import type { Operation } from '../operation.ts';
import { compareInteger, compareNumber, compareText, exists } from './compare.ts';
import { toExperimentIds } from './experiment-ids.ts';
import { modelColumn, sortedMetrics, toModelOrder } from './logged-model-order.ts';
import { readPage } from './read-page.ts';
import { SEARCH_DIALECTS, type SearchDialect } from './search-dialect.ts';
import { and, or, raw, type SqlText, sql } from './sql-text.ts';

/** Searches the logged models of experiments that are not deleted. */
export function* searchLoggedModels(
  options: SearchLoggedModelsOptions,
  name: DialectName,
): Operation<Page<LoggedModel>> {
  const { filter, pageToken } = options;
  const dialect = SEARCH_DIALECTS[name];
  const maxResults = checkMaxResults('loggedModels', options.maxResults);
  const experimentIds = toExperimentIds(options.experimentIds);
  const datasets = checkDatasetRefs(options.datasets);
  const clauses = parseLoggedModelFilter(filter);
  const keys = parseLoggedModelOrderBy(options.orderBy);
  if (experimentIds.length === 0) return { items: [], nextPageToken: null };
  const conditions = [
    raw(`m.experiment_id IN (${experimentIds.join(', ')})`),
    raw("m.lifecycle_stage <> 'deleted'"),
    ...clauses.map((clause) => toCondition(clause, datasets, dialect)),
  ];
  if (datasets.length > 0 && !clauses.some(({ entity }) => entity === 'metric')) {
    conditions.push(hasMetric([isOfOne(datasets, dialect)]));
  }
  const joins = sortedMetrics(keys, dialect);
  const request = ['models', experimentIds, filter || null, datasets, keys];
  const { rows, nextPageToken } = yield* readPage(
    { columns: toModelOrder(keys), maxResults, pageToken, request, dialect },
    (part) =>
      sql`SELECT m.model_id AS model_id, ${part.selection} FROM logged_models AS m${joins} WHERE ${and([...conditions, ...part.conditions])} ORDER BY ${part.order} ${part.limit}`,
  );
  return { items: yield* readLoggedModels(rows.map((row) => String(row.model_id))), nextPageToken };
}

function toCondition(
  clause: Clause<LoggedModelEntity>,
  datasets: readonly DatasetRef[],
  dialect: SearchDialect,
): SqlText {
  switch (clause.entity) {
    case 'attribute': {
      const { expression, kind } = modelColumn(clause.key, dialect);
      return kind === 'number' ? compareInteger(expression, clause) : compareText(expression, clause, dialect);
    }
    case 'metric':
      return hasMetric([
        dialect.equals(raw('v.metric_name'), clause.key),
        compareNumber(raw('v.metric_value'), clause),
        ...(datasets.length > 0 ? [isOfOne(datasets, dialect)] : []),
      ]);
    default:
      return exists(raw(`logged_model_${clause.entity}s AS v`), [
        raw('v.model_id = m.model_id'),
        dialect.equals(raw(`v.${clause.entity}_key`), clause.key),
        compareText(raw(`v.${clause.entity}_value`), clause, dialect),
      ]);
  }
}

/** Any point counts, not the latest only. */
function hasMetric(conditions: readonly SqlText[]): SqlText {
  return exists(raw('logged_model_metrics AS v'), [raw('v.model_id = m.model_id'), ...conditions]);
}

function isOfOne(datasets: readonly DatasetRef[], dialect: SearchDialect): SqlText {
  return or(
    datasets.map(({ datasetName, datasetDigest }) => {
      const conditions = [dialect.equals(raw('v.dataset_name'), datasetName)];
      if (typeof datasetDigest === 'string')
        conditions.push(dialect.equals(raw('v.dataset_digest'), datasetDigest));
      return and(conditions);
    }),
  );
}
