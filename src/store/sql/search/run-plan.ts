import { all, first, type Operation } from '../operation.ts';
import type { ValueFilter, ValueTable } from './run-filters.ts';
import { BY_START, byKey, byValue, type RunPlan, type RunScope, type RunSearch } from './run-query.ts';
import type { SearchDialect } from './search-dialect.ts';
import { and, raw, type SqlText, sql, toQuery } from './sql-text.ts';

/** So many rows are looked up and sorted sooner than an index is walked for those that fit. */
const FEW = 3000;
/** So far it is counted: an index gives so many rows in a millisecond. */
const MANY = 20_000;

/**
 * Decides how SQLite goes about a search, which it would guess from the shape of the query alone.
 *
 * If few runs have one of the values that a filter wants, or few are searched, these are read and sorted; else runs are
 * read in the order that is asked for until enough of them fit. How many there are is counted, but not further than to
 * "many". Servers keep statistics and decide themselves.
 */
export function* chooseRunPlan({ scope, filters, order }: RunSearch, dialect: SearchDialect): Operation<RunPlan> {
  if (!dialect.isToldPlans) return { from: 'runs', filters: filters.values, lists: new Set(), indexes: new Set() };
  const indexes = new Set((yield* all(SELECT_INDEXES)).map(({ name }) => String(name)));
  const isByValue = order[0]?.value !== undefined;
  if (filters.values.length === 0 && !isByValue) return { from: 'runs', filters: [], lists: new Set(), indexes };
  const counted: { filter: ValueFilter; fitting: number }[] = [];
  for (const filter of filters.values) {
    counted.push({ filter, fitting: yield* count(rowsOf(filter, dialect), MANY) });
  }
  counted.sort((a, b) => a.fitting - b.fitting);
  const inOrder = counted.map(({ filter }) => filter);
  const inScope = yield* count(runsOf(scope), FEW);
  const [best] = counted;
  const isBestFew = best !== undefined && best.fitting < Math.min(FEW, inScope);
  if (isBestFew) return { from: best.filter, filters: inOrder, lists: new Set(), indexes };
  const listed = counted.filter(({ filter, fitting }) => filter.isEquality && fitting < MANY);
  const lists = new Set(inScope === FEW ? listed.map(({ filter }) => filter) : []);
  return { from: isByValue && inScope === FEW ? 'order' : 'runs', filters: inOrder, lists, indexes };
}

const TABLES: readonly ValueTable[] = ['latest_metrics', 'params', 'tags'];
const INDEXES = [BY_START, ...TABLES.flatMap((table) => [byKey(table), byValue(table)])];
const SELECT_INDEXES = `SELECT name FROM sqlite_master WHERE type = 'index' AND name IN (${INDEXES.map((name) => `'${name}'`).join(', ')})`;

function* count(rows: SqlText, most: number): Operation<number> {
  const { sql: text, parameters } = toQuery(sql`SELECT COUNT(*) AS found FROM (${rows} ${raw(`LIMIT ${most}`)})`);
  return Number((yield* first(text, ...parameters))?.found);
}

function runsOf({ experimentIds, stages }: RunScope): SqlText {
  const words = stages.map((stage) => `'${stage}'`).join(', ');
  return raw(
    `SELECT 1 FROM runs WHERE experiment_id IN (${experimentIds.join(', ')}) AND lifecycle_stage IN (${words})`,
  );
}

function rowsOf({ table, key, estimate }: ValueFilter, dialect: SearchDialect): SqlText {
  return sql`SELECT 1 FROM ${raw(`${table} AS d`)} WHERE ${and([dialect.equals(raw('d."key"'), key), ...estimate('d')])}`;
}
