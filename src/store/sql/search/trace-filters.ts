import { TraceKey } from '../../../entities/trace-keys.ts';
import type { Clause, TraceEntity } from '../../search/clause.ts';
import type { SchemaShape } from '../schema/verify.ts';
import { hasAssessment, hasIssue } from './assessment-filters.ts';
import { compareInteger, compareText, exists } from './compare.ts';
import type { SearchDialect } from './search-dialect.ts';
import { hasSpan } from './span-filters.ts';
import { or, raw, type SqlText, sql } from './sql-text.ts';
import { promotedColumn, TRACE_END } from './trace-order.ts';
import { compareUsage } from './usage-filters.ts';

/** Where traces are searched, and how. */
export interface TraceScope {
  readonly experimentIds: readonly number[];
  readonly shape: SchemaShape;
  readonly dialect: SearchDialect;
}

/** Makes the conditions of a filter on a trace, which is `t`. */
export function toTraceConditions(clauses: readonly Clause<TraceEntity>[], scope: TraceScope): readonly SqlText[] {
  const spans = clauses.filter(({ entity }) => entity === 'span');
  const others = clauses.filter(({ entity }) => entity !== 'span');
  const conditions = others.map((clause) => toCondition(clause, scope));
  if (spans.length > 0) conditions.push(hasSpan(spans, earliest(others), scope.dialect));
  return conditions;
}

function toCondition(clause: Clause<TraceEntity>, scope: TraceScope): SqlText {
  const { dialect } = scope;
  switch (clause.entity) {
    case 'attribute':
      return compareAttribute(clause, dialect);
    case 'feedback':
    case 'expectation':
      return hasAssessment(clause, scope);
    case 'issue':
      return hasIssue(String(clause.value), dialect);
    case 'prompt':
      return isLinked('prompt_version', String(clause.value), dialect);
    case 'run':
      return isOfRun(clause, dialect);
    default:
      return hasRow(clause, scope);
  }
}

function compareAttribute(clause: Clause, dialect: SearchDialect): SqlText {
  if (clause.key === 'end_time_ms') return compareInteger(raw(TRACE_END), clause);
  const column = raw(`t.${clause.key}`);
  return clause.key.endsWith('_ms') ? compareInteger(column, clause) : compareText(column, clause, dialect);
}

/** A trace without the tag or metadata never fits, whatever the comparator. */
function hasRow(clause: Clause<TraceEntity>, { shape, dialect }: TraceScope): SqlText {
  const { entity, key, comparator } = clause;
  const promoted = promotedColumn(entity, key, shape);
  if (promoted) return compareText(promoted, clause, dialect);
  if (entity === 'metadata' && !shape.traceRows && (key === TraceKey.usage || key === TraceKey.cost)) {
    return compareUsage(clause);
  }
  const isPresence = comparator === 'IS NULL' || comparator === 'IS NOT NULL';
  const has = exists(raw(`${entity === 'tag' ? 'trace_tags' : 'trace_request_metadata'} AS v`), [
    raw('v.request_id = t.request_id'),
    dialect.equals(raw('v."key"'), key),
    ...(isPresence ? [] : [compareText(raw('v.value'), clause, dialect)]),
  ]);
  return comparator === 'IS NULL' ? sql`NOT ${has}` : has;
}

function isOfRun({ value }: Clause, dialect: SearchDialect): SqlText {
  const runIds = Array.isArray(value) ? (value as readonly string[]) : [String(value)];
  return or(
    runIds.flatMap((runId) => [
      isLinked('run', runId, dialect),
      exists(raw('trace_request_metadata AS v'), [
        raw('v.request_id = t.request_id'),
        raw(`v."key" = '${TraceKey.sourceRun}'`),
        dialect.equals(raw('v.value'), runId),
      ]),
    ]),
  );
}

function isLinked(type: 'run' | 'prompt_version', id: string, dialect: SearchDialect): SqlText {
  return exists(raw('entity_associations AS a'), [
    raw("a.source_type = 'trace'"),
    raw('a.source_id = t.request_id'),
    raw(`a.destination_type = '${type}'`),
    dialect.equals(raw('a.destination_id'), id),
  ]);
}

/** Milliseconds before which no trace that is searched has begun. */
function earliest(clauses: readonly Clause<TraceEntity>[]): number | undefined {
  const bounds = clauses.filter(
    ({ entity, key, comparator }) =>
      entity === 'attribute' && key === 'timestamp_ms' && (comparator === '>' || comparator === '>='),
  );
  return bounds.length === 0 ? undefined : Math.max(...bounds.map(({ value }) => Number(value)));
}
