import { invalidParameter } from '../../../errors.ts';
import type { DatasetSummary } from '../../run-store.ts';
import type { DialectName } from '../dialect.ts';
import type { Operation } from '../operation.ts';
import { toExperimentIds } from './experiment-ids.ts';
import { SEARCH_DIALECTS } from './search-dialect.ts';
import { raw, sql, toQuery } from './sql-text.ts';

const MAX_EXPERIMENTS = 20;
const MAX_DATASETS = 1000;

/**
 * Lists the datasets that runs of experiments have read, each with the contexts in which they did; by experiment, name,
 * digest and context.
 */
export function* searchDatasets(
  experimentIds: readonly string[],
  name: DialectName,
): Operation<readonly DatasetSummary[]> {
  const ids = toExperimentIds(experimentIds);
  if (ids.length > MAX_EXPERIMENTS) {
    throw invalidParameter(
      `Cannot list the datasets of ${ids.length} experiments: ${MAX_EXPERIMENTS} are the most; ask in parts.`,
    );
  }
  if (ids.length === 0) return [];
  const limit = SEARCH_DIALECTS[name].limit(MAX_DATASETS);
  const rows = yield toQuery(
    sql`SELECT DISTINCT d.experiment_id AS experiment_id, d.name AS name, d.digest AS digest, t.value AS context
 FROM datasets AS d JOIN inputs AS i ON i.source_type = 'DATASET' AND i.source_id = d.dataset_uuid
 LEFT JOIN input_tags AS t ON t.input_uuid = i.input_uuid AND t.name = 'mlflow.data.context'
 WHERE d.experiment_id IN (${raw(ids.join(', '))})
 ORDER BY experiment_id, name, digest, context ${limit}`,
  );
  return rows.map((row) => ({
    experimentId: String(row.experiment_id),
    name: String(row.name),
    digest: String(row.digest),
    context: row.context === null ? null : String(row.context),
  }));
}
