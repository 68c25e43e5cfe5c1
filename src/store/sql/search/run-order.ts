import type { RunEntity, SortKey } from '../../search/clause.ts';
import type { SortColumn } from './order.ts';
import { runColumn, type ValueTable, valuePlace } from './run-filters.ts';
import { raw } from './sql-text.ts';

/** One thing that runs are sorted by. */
export interface RunSortColumn extends SortColumn {
  /** The row that holds the value, for what is no attribute. */
  readonly value?: { readonly table: ValueTable; readonly key: string; readonly alias: string };
  readonly isStartTime?: boolean;
}

/** Makes the order complete: without a word about it, the latest runs come first; ids tell equals apart. */
export function toRunOrder(keys: readonly SortKey<RunEntity>[]): readonly RunSortColumn[] {
  const columns = keys.map(toColumn);
  const has = (name: string) => keys.some(({ entity, key }) => entity === 'attribute' && key === name);
  if (!has('start_time')) columns.push(attribute('start_time', false));
  if (!has('run_id')) columns.push(attribute('run_id', true));
  return columns;
}

function toColumn({ entity, key, isAscending }: SortKey<RunEntity>, index: number): RunSortColumn {
  if (entity === 'attribute') return attribute(key, isAscending);
  const place = valuePlace({ entity, key });
  if (place === undefined) throw new TypeError(`Runs cannot be sorted by ${entity}.${key}.`);
  const alias = `s${index}`;
  const isMetric = entity === 'metric';
  return {
    expression: raw(`${alias}.value`),
    kind: isMetric ? 'number' : 'text',
    isAscending,
    nulls: 'last',
    ...(isMetric && { isNan: raw(`${alias}.is_nan`) }),
    value: { ...place, alias },
  };
}

function attribute(key: string, isAscending: boolean): RunSortColumn {
  return { ...runColumn(key), isAscending, isStartTime: key === 'start_time' };
}
