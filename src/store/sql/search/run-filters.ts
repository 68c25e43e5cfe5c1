import type { Clause, RunEntity } from '../../search/clause.ts';
import { compareInteger, compareNumber, compareText, exists } from './compare.ts';
import type { Rank, SortColumn } from './order.ts';
import type { SearchDialect } from './search-dialect.ts';
import { and, or, raw, type SqlText, sql } from './sql-text.ts';

/** A table that holds a value for each run and key. */
export type ValueTable = 'latest_metrics' | 'params' | 'tags';

/** What a value of one key has to be. */
export interface ValueFilter {
  readonly table: ValueTable;
  readonly key: string;
  /** Conditions on a row of the table, by the alias that it has. */
  conditions(alias: string): readonly SqlText[];
  /** The same but for NaN, of which the index on values knows nothing. */
  estimate(alias: string): readonly SqlText[];
  /** Whether it is one value that fits. */
  readonly isEquality: boolean;
  /** Whether rows of a rank can fit. */
  canBe(rank: Rank): boolean;
}

/** What a run has to be. */
export interface RunFilters {
  /** Conditions on the run, which is `r`. */
  readonly conditions: readonly SqlText[];
  /** Values that it must have, one entry for each table and key. */
  readonly values: readonly ValueFilter[];
}

interface ValueClauses {
  readonly table: ValueTable;
  readonly key: string;
  readonly clauses: Clause<RunEntity>[];
}

/** Makes the conditions of a filter. A run without the value never fits, whatever the comparator. */
export function toRunFilters(clauses: readonly Clause<RunEntity>[], dialect: SearchDialect): RunFilters {
  const conditions: SqlText[] = [];
  const values = new Map<string, ValueClauses>();
  for (const clause of clauses) {
    const value = valuePlace(clause);
    if (value === undefined) conditions.push(toCondition(clause, dialect));
    else if (clause.comparator === 'IS NULL') conditions.push(sql`NOT ${hasValue(value, [], dialect)}`);
    else {
      const name = `${value.table} ${value.key}`;
      const known = values.get(name) ?? { ...value, clauses: [] };
      values.set(name, known);
      if (clause.comparator !== 'IS NOT NULL') known.clauses.push(clause);
    }
  }
  return { conditions, values: Array.from(values.values(), (each) => toValueFilter(each, dialect)) };
}

/** Where the value of a key is kept. */
export function valuePlace({ entity, key }: { readonly entity: RunEntity; readonly key: string }) {
  if (entity === 'attribute') {
    return key === 'run_name' ? { table: 'tags' as const, key: 'mlflow.runName' } : undefined;
  }
  return entity === 'dataset' ? undefined : { table: VALUE_TABLES[entity], key };
}

/** A run's attribute in the order. */
export function runColumn(
  key: string,
): Pick<SortColumn, 'expression' | 'kind'> & { readonly nulls: 'none' | 'last' } {
  const column = RUN_COLUMNS[key];
  if (column === undefined) throw new TypeError(`Runs have no attribute ${key}.`);
  return {
    expression: raw(`r.${column}`),
    kind: isTime(key) ? 'number' : key === 'run_id' ? 'id' : 'text',
    nulls: key === 'run_id' ? 'none' : 'last',
  };
}

const VALUE_TABLES = { metric: 'latest_metrics', param: 'params', tag: 'tags' } as const;

const RUN_COLUMNS: Readonly<Record<string, string>> = {
  run_id: 'run_uuid',
  run_name: 'name',
  user_id: 'user_id',
  status: 'status',
  artifact_uri: 'artifact_uri',
  start_time: 'start_time',
  end_time: 'end_time',
};

function isTime(key: string): boolean {
  return key === 'start_time' || key === 'end_time';
}

function toCondition(clause: Clause<RunEntity>, dialect: SearchDialect): SqlText {
  if (clause.entity === 'dataset') return hasDataset(clause, dialect);
  const { expression, kind } = runColumn(clause.key);
  return kind === 'number' ? compareInteger(expression, clause) : compareText(expression, clause, dialect);
}

function toValueFilter({ table, key, clauses }: ValueClauses, dialect: SearchDialect): ValueFilter {
  const isMetric = table === 'latest_metrics';
  const compare = (alias: string) => (clause: Clause<RunEntity>) =>
    isMetric ? compareNumber(raw(`${alias}.value`), clause) : compareText(raw(`${alias}.value`), clause, dialect);
  // NaN is kept as 0 with a flag: it is unlike every number.
  const compareExactly = (alias: string) => (clause: Clause<RunEntity>) => {
    const isNan = raw(`${alias}.is_nan`);
    const comparison = compare(alias)(clause);
    return clause.comparator === '!='
      ? or([comparison, dialect.isTrue(isNan)])
      : and([comparison, dialect.isFalse(isNan)]);
  };
  return {
    table,
    key,
    conditions: (alias) => clauses.map(isMetric ? compareExactly(alias) : compare(alias)),
    estimate: (alias) => clauses.map(compare(alias)),
    isEquality: !isMetric && clauses.some(({ comparator }) => comparator === '='),
    canBe: (rank) => rank === 'value' || clauses.every(({ comparator }) => rank === 'nan' && comparator === '!='),
  };
}

function hasValue(
  { table, key }: { readonly table: ValueTable; readonly key: string },
  conditions: readonly SqlText[],
  dialect: SearchDialect,
): SqlText {
  return exists(raw(`${table} AS f`), [
    raw('f.run_uuid = r.run_uuid'),
    dialect.equals(raw('f."key"'), key),
    ...conditions,
  ]);
}

function hasDataset(clause: Clause<RunEntity>, dialect: SearchDialect): SqlText {
  const ofRun = [
    raw("i.source_type = 'DATASET'"),
    raw("i.destination_type = 'RUN'"),
    raw('i.destination_id = r.run_uuid'),
  ];
  if (clause.key !== 'context') {
    return exists(raw('inputs AS i JOIN datasets AS d ON d.dataset_uuid = i.source_id'), [
      ...ofRun,
      compareText(raw(`d.${clause.key}`), clause, dialect),
    ]);
  }
  return exists(raw('inputs AS i JOIN input_tags AS t ON t.input_uuid = i.input_uuid'), [
    ...ofRun,
    raw("t.name = 'mlflow.data.context'"),
    compareText(raw('t.value'), clause, dialect),
  ]);
}
