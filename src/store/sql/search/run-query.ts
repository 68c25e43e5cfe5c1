import { orderBy, sortName } from './order.ts';
import type { PagePart } from './read-page.ts';
import type { RunFilters, ValueFilter, ValueTable } from './run-filters.ts';
import type { RunSortColumn } from './run-order.ts';
import type { SearchDialect } from './search-dialect.ts';
import { and, join, raw, type SqlText, sql } from './sql-text.ts';

/** The runs that are searched. */
export interface RunScope {
  readonly experimentIds: readonly number[];
  readonly stages: readonly ('active' | 'deleted')[];
}

/** What a search of runs asks. */
export interface RunSearch {
  readonly scope: RunScope;
  readonly filters: RunFilters;
  readonly order: readonly RunSortColumn[];
}

/** How a query goes about it. */
export interface RunPlan {
  /**
   * Where it begins: with the runs of the experiments; with the values that the runs are sorted by; or with the values
   * of a filter. What else is wanted of a run is looked up for each.
   */
  readonly from: 'runs' | 'order' | ValueFilter;
  /** The filters, the one that fits the fewest runs first. */
  readonly filters: readonly ValueFilter[];
  /** Filters whose runs are few enough to be listed before; a list is asked sooner than an index, many times. */
  readonly lists: ReadonlySet<ValueFilter>;
  /** Names of the indexes that it may name. */
  readonly indexes: ReadonlySet<string>;
}

/** Experiments that are walked side by side, each in order. */
const MAX_ARMS = 100;

/** Writes the query for a part of a page. */
export function writeRunQuery(search: RunSearch, plan: RunPlan, part: PagePart, dialect: SearchDialect): SqlText {
  const { scope, order } = search;
  const arms = scope.experimentIds.flatMap((id) => scope.stages.map((stage) => isOf([id], [stage])));
  const isWalk = dialect.isToldPlans && plan.from === 'runs' && order[0]?.isStartTime && !hasNan(order);
  if (!isWalk || arms.length < 2 || arms.length > MAX_ARMS) {
    const isInScope = isOf(scope.experimentIds, scope.stages);
    const select = writeSelect(search, plan, part, { isInScope, isArm: false }, dialect);
    return sql`${select} ORDER BY ${part.order} ${part.limit}`;
  }
  // One index gives each experiment's runs in order; SQLite merges them as far as they are asked for.
  const names = order.map((_, index) => sortName(index)).slice(-part.columns.length);
  const selects = join(
    arms.map((isInScope) => writeSelect(search, plan, part, { isInScope, isArm: true }, dialect)),
    ' UNION ALL ',
  );
  return sql`${selects} ORDER BY ${join(orderBy(part.columns, dialect, names), ', ')} ${part.limit}`;
}

/** Name of the index on the values of a table. */
export function byValue(table: ValueTable): string {
  return `autolog_${table}_by_value`;
}

/** Name of the index on the key of a table, which SQLite makes itself. */
export function byKey(table: ValueTable): string {
  return `sqlite_autoindex_${table}_1`;
}

/** Name of the index on the runs of an experiment. */
export const BY_START = 'autolog_runs_by_start';

function writeSelect(
  { filters, order }: RunSearch,
  plan: RunPlan,
  part: PagePart,
  { isInScope, isArm }: { readonly isInScope: SqlText; readonly isArm: boolean },
  dialect: SearchDialect,
): SqlText {
  const [first, ...others] = order;
  // The values of the first key are joined, but for the part of the runs that have none.
  const joined = part.rank === 'null' ? undefined : first?.value;
  const isJoined = ({ table, key }: ValueFilter) => joined?.table === table && joined.key === key;
  const from = typeof plan.from === 'object' && isJoined(plan.from) ? 'order' : plan.from;
  const driver = typeof from === 'object' ? from : undefined;
  const beginsWithOrder = joined !== undefined && from === 'order';
  const leader = driver ? 'd' : beginsWithOrder ? joined.alias : 'r';
  const conditions = [isInScope, ...filters.conditions, ...part.conditions];
  if (driver)
    conditions.push(isRow('d', driver, dialect), ...driver.conditions('d'), raw('r.run_uuid = d.run_uuid'));
  if (joined) conditions.push(isRow(joined.alias, joined, dialect), raw(`${joined.alias}.run_uuid = r.run_uuid`));
  for (const filter of plan.filters) {
    if (joined && isJoined(filter)) conditions.push(...filter.conditions(joined.alias));
    else if (filter !== driver) {
      const isListed = plan.lists.has(filter) && !isArm;
      conditions.push((isListed ? isInList : hasFit)(filter, leader, plan, dialect));
    }
  }
  const runs = `runs AS r${first?.isStartTime && leader === 'r' ? by(BY_START, plan) : ''}`;
  const values = joined && `${joined.table} AS ${joined.alias}`;
  const tables = beginsWithOrder
    ? [`${values}${by(byValue(joined.table), plan)}`, runs]
    : [
        ...(driver ? [`${driver.table} AS d${by(byValue(driver.table), plan)}`] : []),
        runs,
        ...(values ? [values] : []),
      ];
  const outer = (joined ? others : order).flatMap(({ value }) => (value ? [value] : []));
  const joins = outer.map(
    (value) =>
      sql` LEFT JOIN ${raw(`${value.table} AS ${value.alias}`)} ON ${isRow(value.alias, value, dialect)} AND ${raw(`${value.alias}.run_uuid = r.run_uuid`)}`,
  );
  // CROSS JOIN, because SQLite then keeps the order of the tables.
  return sql`SELECT r.run_uuid AS run_uuid, ${part.selection} FROM ${raw(tables.join(' CROSS JOIN '))}${join(joins, '')} WHERE ${and(conditions)}`;
}

/** Holds for runs with a value that fits. */
function hasFit(filter: ValueFilter, leader: string, plan: RunPlan, dialect: SearchDialect): SqlText {
  const index = by(filter.isEquality ? byValue(filter.table) : byKey(filter.table), plan);
  const conditions = [
    raw(`f.run_uuid = ${leader}.run_uuid`),
    isRow('f', filter, dialect),
    ...filter.conditions('f'),
  ];
  return sql`EXISTS (SELECT 1 FROM ${raw(`${filter.table} AS f${index}`)} WHERE ${and(conditions)})`;
}

/** The `+` keeps SQLite from beginning with the list. */
function isInList(filter: ValueFilter, leader: string, plan: RunPlan, dialect: SearchDialect): SqlText {
  const values = raw(`${filter.table} AS f${by(byValue(filter.table), plan)}`);
  const conditions = and([isRow('f', filter, dialect), ...filter.conditions('f')]);
  return sql`${raw(`+${leader}.run_uuid`)} IN (SELECT f.run_uuid FROM ${values} WHERE ${conditions})`;
}

/** SQLite is told which index is meant: it would guess by numbers of rows that it does not know. */
function by(index: string, { indexes }: RunPlan): string {
  return indexes.has(index) ? ` INDEXED BY ${index}` : '';
}

function isRow(alias: string, { key }: { readonly key: string }, dialect: SearchDialect): SqlText {
  return dialect.equals(raw(`${alias}."key"`), key);
}

/** Ids are numbers of ours: as text they need no parameters, of which a statement may have few. */
function isOf(experimentIds: readonly number[], stages: readonly string[]): SqlText {
  const ids = experimentIds.length === 1 ? `= ${experimentIds[0]}` : `IN (${experimentIds.join(', ')})`;
  const words =
    stages.length === 1 ? `= '${stages[0]}'` : `IN (${stages.map((stage) => `'${stage}'`).join(', ')})`;
  return raw(`r.experiment_id ${ids} AND r.lifecycle_stage ${words}`);
}

function hasNan(order: readonly RunSortColumn[]): boolean {
  return order.some(({ isNan }) => isNan !== undefined);
}
