import type { Experiment } from '../../../entities/experiment.ts';
import type { Page } from '../../../entities/page.ts';
import type { Clause, ExperimentEntity, SortKey } from '../../search/clause.ts';
import { parseExperimentFilter, parseExperimentOrderBy } from '../../search/experiment-grammar.ts';
import { checkMaxResults } from '../../search/max-results.ts';
import type { SearchExperimentsOptions } from '../../search-options.ts';
import type { DialectName } from '../dialect.ts';
import { readExperiments } from '../experiments.ts';
import type { Operation } from '../operation.ts';
import { compareInteger, compareText, exists } from './compare.ts';
import type { SortColumn } from './order.ts';
import { readPage } from './read-page.ts';
import { stagesOf } from './runs.ts';
import { SEARCH_DIALECTS, type SearchDialect } from './search-dialect.ts';
import { and, raw, type SqlText, sql } from './sql-text.ts';

/** Searches experiments. */
export function* searchExperiments(
  options: SearchExperimentsOptions,
  name: DialectName,
): Operation<Page<Experiment>> {
  const { filter, orderBy, viewType = 'ACTIVE_ONLY', pageToken } = options;
  const dialect = SEARCH_DIALECTS[name];
  const maxResults = checkMaxResults('experiments', options.maxResults);
  const stages = stagesOf(viewType).map((stage) => `'${stage}'`);
  const conditions = [
    raw(`e.lifecycle_stage IN (${stages.join(', ')})`),
    ...parseExperimentFilter(filter).map((clause) => toCondition(clause, dialect)),
  ];
  const columns = toOrder(parseExperimentOrderBy(orderBy));
  const request = ['experiments', stages, filter || null, orderBy ?? []];
  const { rows, nextPageToken } = yield* readPage(
    { columns, maxResults, pageToken, request, dialect },
    (part) =>
      sql`SELECT e.experiment_id AS experiment_id, ${part.selection} FROM experiments AS e WHERE ${and([...conditions, ...part.conditions])} ORDER BY ${part.order} ${part.limit}`,
  );
  return { items: yield* readExperiments(rows.map((row) => String(row.experiment_id))), nextPageToken };
}

function toCondition(clause: Clause<ExperimentEntity>, dialect: SearchDialect): SqlText {
  const column = raw(`e.${clause.key}`);
  if (clause.entity === 'tag') return hasTag(clause, dialect);
  if (clause.key === 'name') return compareText(column, clause, dialect);
  return clause.key === 'experiment_id' ? compareId(column, clause) : compareInteger(column, clause);
}

function compareId(column: SqlText, clause: Clause): SqlText {
  if (!Array.isArray(clause.value)) return compareInteger(column, clause);
  return raw(`${column.text} ${clause.comparator} (${clause.value.map(Number).join(', ')})`);
}

function hasTag(clause: Clause, dialect: SearchDialect): SqlText {
  const isPresence = clause.comparator === 'IS NULL' || clause.comparator === 'IS NOT NULL';
  const has = exists(raw('experiment_tags AS t'), [
    raw('t.experiment_id = e.experiment_id'),
    dialect.equals(raw('t."key"'), clause.key),
    ...(isPresence ? [] : [compareText(raw('t.value'), clause, dialect)]),
  ]);
  return clause.comparator === 'IS NULL' ? sql`NOT ${has}` : has;
}

/** Without a word about it, the latest experiments come first, and of equals the first one. */
function toOrder(keys: readonly SortKey<ExperimentEntity>[]): readonly SortColumn[] {
  if (keys.length === 0) return [toColumn('creation_time', false), toColumn('experiment_id', true)];
  const columns = keys.map(({ key, isAscending }) => toColumn(key, isAscending));
  return keys.some(({ key }) => key === 'experiment_id')
    ? columns
    : [...columns, toColumn('experiment_id', false)];
}

/** Experiments without a time count as older than all others, as in MLflow on SQLite. */
function toColumn(key: string, isAscending: boolean): SortColumn {
  const isTime = key === 'creation_time' || key === 'last_update_time';
  return {
    expression: raw(`e.${key}`),
    kind: key === 'name' ? 'text' : 'number',
    isAscending,
    nulls: isTime ? (isAscending ? 'first' : 'last') : 'none',
  };
}
