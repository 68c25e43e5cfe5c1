import { invalidParameter } from '../../errors.ts';
import type { DatasetRef, LoggedModelOrder } from '../search-options.ts';
import type { Clause, LoggedModelEntity, LoggedModelSortKey } from './clause.ts';
import { Cursor } from './cursor.ts';
import { findField } from './find-field.ts';
import {
  anyKey,
  type Comparable,
  type Grammar,
  knownKeys,
  LIST,
  numberField,
  type Sortable,
  TEXT,
  textField,
  withoutDuplicates,
} from './grammar.ts';
import { parseFilter } from './parse-filter.ts';
import { listOf } from './parse-order.ts';

const SUBJECT = 'logged models';
const ATTRIBUTE = ['attributes'];
const METRIC = ['metrics'];

const TEXT_ATTRIBUTES = [
  'name',
  'model_id',
  'model_type',
  'status',
  'source_run_id',
  'experiment_id',
  'artifact_location',
  'lifecycle_stage',
  'status_message',
];
const CREATED = numberField<LoggedModelEntity>('attribute', 'creation_timestamp');
const UPDATED = numberField<LoggedModelEntity>('attribute', 'last_updated_timestamp');
const TIMES = {
  creation_timestamp: CREATED,
  creation_time: CREATED,
  creation_timestamp_ms: CREATED,
  last_updated_timestamp: UPDATED,
  last_updated_time: UPDATED,
  last_updated_timestamp_ms: UPDATED,
};
/** By the number that MLflow's tables hold. */
const STATUSES = ['UNSPECIFIED', 'PENDING', 'READY', 'UPLOAD_FAILED'];

const GRAMMAR: Grammar<LoggedModelEntity> = {
  subject: SUBJECT,
  filter: [
    knownKeys<Comparable<LoggedModelEntity>>(ATTRIBUTE, {
      ...Object.fromEntries(TEXT_ATTRIBUTES.map((key) => [key, text('attribute', key)])),
      status: { ...text('attribute', 'status'), finish: nameStatuses },
      ...TIMES,
    }),
    anyKey(METRIC, (key) => numberField('metric', key)),
    anyKey(['params'], (key) => text('param', key)),
    anyKey(['tags'], (key) => text('tag', key)),
  ],
  order: [
    knownKeys<Sortable<LoggedModelEntity>>(ATTRIBUTE, {
      ...Object.fromEntries(TEXT_ATTRIBUTES.map((key) => [key, { entity: 'attribute', key }])),
      ...TIMES,
    }),
    anyKey(METRIC, (key) => ({ entity: 'metric' as const, key })),
  ],
  refusesDuplicateOrder: false,
  allowsBareText: true,
};

/**
 * Parses a filter of logged models.
 *
 * Attributes are `name`, `model_id`, `model_type`, `status` (its name), `source_run_id`, `experiment_id`,
 * `artifact_location`, `lifecycle_stage`, `status_message`, `creation_timestamp` and `last_updated_timestamp`.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function parseLoggedModelFilter(filter: string | null | undefined): readonly Clause<LoggedModelEntity>[] {
  return parseFilter(GRAMMAR, filter);
}

/**
 * Parses what logged models are sorted by; of a key that is there twice, the first counts.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function parseLoggedModelOrderBy(
  orderBy: readonly LoggedModelOrder[] | null | undefined,
): readonly LoggedModelSortKey[] {
  const keys = listOf(SUBJECT, orderBy).map(parseOrder);
  const isOfDataset = (key: LoggedModelSortKey): boolean => key.datasetName !== undefined;
  return keys.some(isOfDataset) ? keys : withoutDuplicates(keys);
}

/**
 * Checks the datasets that metrics are restricted to.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for one without a name.
 */
export function checkDatasetRefs(datasets: readonly DatasetRef[] | null | undefined): readonly DatasetRef[] {
  const unnamed = (datasets ?? []).some(
    ({ datasetName }) => typeof datasetName !== 'string' || datasetName === '',
  );
  if (!unnamed) return datasets ?? [];
  throw invalidParameter(`Cannot search ${SUBJECT}: one of the datasets has no datasetName; give each one.`);
}

function parseOrder(order: LoggedModelOrder): LoggedModelSortKey {
  const { fieldName, ascending = true, datasetName, datasetDigest } = order ?? {};
  if (typeof fieldName !== 'string') {
    throw invalidParameter(
      `Cannot search ${SUBJECT}: a key of the order_by has no fieldName; pass { fieldName: 'metrics.loss' }.`,
    );
  }
  if (typeof ascending !== 'boolean') {
    throw invalidParameter(
      `Cannot search ${SUBJECT}: ascending of the order_by is no boolean; pass true or false.`,
    );
  }
  if (datasetDigest && !datasetName) {
    throw invalidParameter(
      `Cannot search ${SUBJECT}: the order_by has a datasetDigest without a datasetName; give both.`,
    );
  }
  const { entity, key } = sortedBy(fieldName);
  const isAscending = ascending;
  if (!datasetName) return { entity, key, isAscending };
  return { entity, key, isAscending, datasetName, ...(datasetDigest ? { datasetDigest } : {}) };
}

/** A metric's name is taken as it is, with its spaces and signs. */
function sortedBy(fieldName: string): Sortable<LoggedModelEntity> {
  const cursor = new Cursor({ subject: SUBJECT, part: 'order_by', text: fieldName });
  const [, name = ''] = /^metrics\.(.*)$/su.exec(fieldName) ?? [];
  if (/[^`"'] (asc|desc)$/i.test(fieldName)) {
    throw cursor.error(cursor.current, 'the field name has a direction; put it into ascending, as false or true');
  }
  const [quoted] = /(?<=^([`"]))[^`"]+(?=\1$)/.exec(name) ?? [];
  if (name.trim() !== '') return { entity: 'metric', key: (quoted ?? name).toWellFormed() };
  const field = findField(cursor, cursor.next(), GRAMMAR.order);
  if (cursor.current.kind === 'end') return field;
  throw cursor.error(cursor.current, 'there is more than a key; write one key for each object of the order_by');
}

function text(entity: LoggedModelEntity, key: string): Comparable<LoggedModelEntity> {
  return textField(entity, key, [...TEXT, ...LIST]);
}

function nameStatuses(clause: Clause<LoggedModelEntity>): Clause<LoggedModelEntity> {
  const toName = (status: string): string => STATUSES[/^\d$/.test(status) ? Number(status) : -1] ?? status;
  const { value } = clause;
  return { ...clause, value: Array.isArray(value) ? value.map(toName) : toName(String(value)) };
}
