import type { Clause, RunEntity, SortKey } from './clause.ts';
import {
  anyKey,
  type Comparable,
  type Grammar,
  knownKeys,
  LIST,
  numberField,
  PRESENCE,
  sortableAttributes,
  TEXT,
  textField,
} from './grammar.ts';
import { parseFilter } from './parse-filter.ts';
import { parseOrderBy } from './parse-order.ts';

const ATTRIBUTE = ['attribute', 'attributes', 'attr', 'run'];
const METRIC = ['metric', 'metrics'];
const PARAM = ['param', 'params', 'parameter', 'parameters'];
const TAG = ['tag', 'tags'];

const DATASET = ['dataset', 'datasets'];

const START_TIME = numberField('attribute', 'start_time');
const RUN_NAME = textField('attribute', 'run_name', TEXT);
const OWN_TEXT = [...TEXT, ...PRESENCE];
const LISTED_TEXT = [...TEXT, ...LIST];

const GRAMMAR: Grammar<RunEntity> = {
  subject: 'runs',
  filter: [
    knownKeys<Comparable<RunEntity>>(ATTRIBUTE, {
      run_id: textField('attribute', 'run_id', LISTED_TEXT),
      run_name: RUN_NAME,
      'run name': RUN_NAME,
      'Run name': RUN_NAME,
      'Run Name': RUN_NAME,
      user_id: textField('attribute', 'user_id', TEXT),
      status: textField('attribute', 'status', TEXT),
      artifact_uri: textField('attribute', 'artifact_uri', TEXT),
      start_time: START_TIME,
      created: START_TIME,
      Created: START_TIME,
      end_time: numberField('attribute', 'end_time'),
    }),
    anyKey(METRIC, (key) => numberField('metric', key)),
    anyKey(PARAM, (key) => textField('param', key, OWN_TEXT)),
    anyKey(TAG, (key) => textField('tag', key, OWN_TEXT)),
    knownKeys<Comparable<RunEntity>>(DATASET, {
      name: textField('dataset', 'name', LISTED_TEXT),
      digest: textField('dataset', 'digest', LISTED_TEXT),
      context: textField('dataset', 'context', LISTED_TEXT),
    }),
  ],
  order: [
    sortableAttributes(
      ATTRIBUTE,
      ['start_time', 'end_time', 'status', 'run_name', 'user_id', 'artifact_uri', 'run_id'],
      { created: 'start_time', Created: 'start_time' },
    ),
    anyKey(METRIC, (key) => ({ entity: 'metric' as const, key })),
    anyKey(PARAM, (key) => ({ entity: 'param' as const, key })),
    anyKey(TAG, (key) => ({ entity: 'tag' as const, key })),
  ],
  refusesDuplicateOrder: true,
};

/**
 * Parses a filter of runs.
 *
 * Attributes are `run_id`, `run_name`, `user_id`, `status`, `artifact_uri`, `start_time` and `end_time`.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function parseRunFilter(filter: string | null | undefined): readonly Clause<RunEntity>[] {
  return parseFilter(GRAMMAR, filter);
}

/**
 * Parses what runs are sorted by.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE, for a key that is there twice too.
 */
export function parseRunOrderBy(orderBy: readonly string[] | null | undefined): readonly SortKey<RunEntity>[] {
  return parseOrderBy(GRAMMAR, orderBy);
}
