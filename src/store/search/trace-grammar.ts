import { TraceKey } from '../../entities/trace-keys.ts';
import type { Clause, Comparator, SortKey, TraceEntity } from './clause.ts';
import {
  anyKey,
  type Comparable,
  type EntityGrammar,
  type Grammar,
  knownKeys,
  LIST,
  NUMERIC,
  numberField,
  PRESENCE,
  type Sortable,
  sortableAttributes,
  TEXT,
  textField,
} from './grammar.ts';
import { parseFilter } from './parse-filter.ts';
import { parseOrderBy } from './parse-order.ts';
import { quote } from './source.ts';

const ATTRIBUTE = ['attribute', 'attributes', 'trace'];
const TAG = ['tag', 'tags'];
const METADATA = ['metadata', 'request_metadata'];

const PATTERNS: readonly Comparator[] = [...TEXT, 'RLIKE'];
const LISTED = [...PATTERNS, ...LIST];
const OWN = [...PATTERNS, ...PRESENCE];
const SPAN_ATTRIBUTE = 'attributes.';

const TIMESTAMP = numberField('attribute', 'timestamp_ms');
const EXECUTION_TIME = numberField('attribute', 'execution_time_ms');
const END_TIME = numberField('attribute', 'end_time_ms');
const SPAN_CONTENT = textField('span', 'content', ['LIKE', 'ILIKE']);

const GRAMMAR: Grammar<TraceEntity> = {
  subject: 'traces',
  filter: [
    knownKeys<Comparable<TraceEntity>>(ATTRIBUTE, {
      timestamp_ms: TIMESTAMP,
      timestamp: TIMESTAMP,
      execution_time_ms: EXECUTION_TIME,
      execution_time: EXECUTION_TIME,
      end_time_ms: END_TIME,
      end_time: END_TIME,
      status: textField('attribute', 'status', LISTED),
      request_id: textField('attribute', 'request_id', LISTED),
      client_request_id: textField('attribute', 'client_request_id', LISTED),
      name: textField('tag', TraceKey.name, [...LISTED, ...PRESENCE]),
      run_id: sourceRun([...LISTED, ...PRESENCE]),
      prompt: { ...textField('prompt', 'prompt', ['=']), finish: checkPrompt },
      text: SPAN_CONTENT,
    }),
    anyKey(TAG, ownTag),
    anyKey(METADATA, (key) => (key === TraceKey.sourceRun ? sourceRun(OWN) : textField('metadata', key, OWN))),
    spans(),
    anyKey(['feedback'], (key) => judgement('feedback', key)),
    anyKey(['expectation'], (key) => judgement('expectation', key)),
    knownKeys(['issue'], { id: textField('issue', 'id', ['=']) }),
  ],
  order: [
    attributesInOrder(),
    anyKey(TAG, (key) => ({ entity: 'tag' as const, key })),
    anyKey(METADATA, (key) => ({ entity: 'metadata' as const, key })),
  ],
  refusesDuplicateOrder: true,
  allowsQuotedNumbers: true,
};

/**
 * Parses a filter of traces.
 *
 * Attributes are `timestamp_ms`, `execution_time_ms`, `end_time_ms`, `status`, `request_id` and `client_request_id`; what
 * else looks like an attribute is a tag, metadata, a span's content, a run or a prompt.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function parseTraceFilter(filter: string | null | undefined): readonly Clause<TraceEntity>[] {
  return parseFilter(GRAMMAR, filter);
}

/**
 * Parses what traces are sorted by: attributes (`experiment_id` too), tags and metadata.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE, for a key that is there twice too.
 */
export function parseTraceOrderBy(orderBy: readonly string[] | null | undefined): readonly SortKey<TraceEntity>[] {
  return parseOrderBy(GRAMMAR, orderBy);
}

function spans(): EntityGrammar<Comparable<TraceEntity>> {
  const known = knownKeys<Comparable<TraceEntity>>(['span'], {
    name: textField('span', 'name', LISTED),
    type: textField('span', 'type', LISTED),
    status: textField('span', 'status', LISTED),
    content: SPAN_CONTENT,
  });
  const field = (key: string): Comparable<TraceEntity> | undefined => {
    const isAttribute = key.startsWith(SPAN_ATTRIBUTE) && key.length > SPAN_ATTRIBUTE.length;
    return isAttribute ? textField('span', key, LISTED) : known.field(key);
  };
  return { names: known.names, keys: [...known.keys, `${SPAN_ATTRIBUTE}<key>`], field };
}

function judgement(entity: 'feedback' | 'expectation', key: string): Comparable<TraceEntity> {
  return { entity, key, kind: 'judgement', comparators: [...NUMERIC, 'LIKE', 'ILIKE', 'RLIKE', ...PRESENCE] };
}

function ownTag(key: string): Comparable<TraceEntity> {
  if (key !== TraceKey.linkedPrompts) return textField('tag', key, OWN);
  return { ...textField('prompt', 'prompt', ['=']), finish: checkPrompt };
}

function sourceRun(comparators: readonly Comparator[]): Comparable<TraceEntity> {
  return {
    ...textField('metadata', TraceKey.sourceRun, comparators),
    finish: (clause) => {
      const isRun = clause.comparator === '=' || clause.comparator === 'IN';
      return isRun ? { ...clause, entity: 'run', key: 'run_id' } : clause;
    },
  };
}

function checkPrompt(clause: Clause<TraceEntity>, refuse: (reason: string) => never): Clause<TraceEntity> {
  const value = String(clause.value);
  return value.split('/').length === 2
    ? clause
    : refuse(`${quote(value)} is no version of a prompt; write 'name/1'`);
}

function attributesInOrder(): EntityGrammar<Sortable<TraceEntity>> {
  const own = sortableAttributes(
    ATTRIBUTE,
    ['timestamp_ms', 'execution_time_ms', 'end_time_ms', 'status', 'request_id', 'experiment_id'],
    { timestamp: 'timestamp_ms', execution_time: 'execution_time_ms', end_time: 'end_time_ms' },
  );
  const others = knownKeys<Sortable<TraceEntity>>(ATTRIBUTE, {
    name: { entity: 'tag', key: TraceKey.name },
    run_id: { entity: 'metadata', key: TraceKey.sourceRun },
  });
  return {
    names: ATTRIBUTE,
    keys: [...own.keys, ...others.keys],
    field: (key) => own.field(key) ?? others.field(key),
  };
}
