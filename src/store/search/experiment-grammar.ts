import type { Clause, ExperimentEntity, SortKey } from './clause.ts';
import {
  anyKey,
  type Comparable,
  type Grammar,
  knownKeys,
  LIST,
  NUMERIC,
  PRESENCE,
  sortableAttributes,
  TEXT,
  textField,
} from './grammar.ts';
import { parseFilter } from './parse-filter.ts';
import { parseOrderBy } from './parse-order.ts';
import { quote } from './source.ts';

const ATTRIBUTE = ['attribute', 'attributes'];
const TAG = ['tag', 'tags'];

const GRAMMAR: Grammar<ExperimentEntity> = {
  subject: 'experiments',
  filter: [
    knownKeys<Comparable<ExperimentEntity>>(ATTRIBUTE, {
      name: textField('attribute', 'name', TEXT),
      experiment_id: { ...textField('attribute', 'experiment_id', ['=', '!=', ...LIST]), finish: checkIds },
      creation_time: time('creation_time'),
      last_update_time: time('last_update_time'),
    }),
    anyKey(TAG, (key) => textField('tag', key, [...TEXT, ...PRESENCE])),
  ],
  order: [sortableAttributes(ATTRIBUTE, ['name', 'experiment_id', 'creation_time', 'last_update_time'])],
  refusesDuplicateOrder: false,
};

/**
 * Parses a filter of experiments.
 *
 * Attributes are `name`, `experiment_id` (text of digits, without leading zeros), `creation_time` and `last_update_time`.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function parseExperimentFilter(filter: string | null | undefined): readonly Clause<ExperimentEntity>[] {
  return parseFilter(GRAMMAR, filter);
}

/**
 * Parses what experiments are sorted by: attributes; of a key that is there twice, the first counts.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function parseExperimentOrderBy(
  orderBy: readonly string[] | null | undefined,
): readonly SortKey<ExperimentEntity>[] {
  return parseOrderBy(GRAMMAR, orderBy);
}

function time(key: string): Comparable<ExperimentEntity> {
  return { entity: 'attribute', key, kind: 'integer', comparators: NUMERIC };
}

function checkIds(clause: Clause<ExperimentEntity>, refuse: (reason: string) => never): Clause<ExperimentEntity> {
  const toId = (text: string): string => {
    if (/^\s*\d{1,15}\s*$/.test(text)) return String(Number(text));
    return refuse(`${quote(text)} is no experiment ID; write digits, as '1'`);
  };
  const { value } = clause;
  return { ...clause, value: Array.isArray(value) ? value.map(toId) : toId(String(value)) };
}
