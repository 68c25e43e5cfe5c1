import { TraceKey } from '../../../entities/trace-keys.ts';
import type { Clause, TraceEntity } from '../../search/clause.ts';
import { toAscii } from '../span-content.ts';
import { compareNumber, compareText, exists } from './compare.ts';
import type { SearchDialect } from './search-dialect.ts';
import { and, or, raw, type SqlText, sql } from './sql-text.ts';
import type { TraceScope } from './trace-filters.ts';

/**
 * Holds for traces with a valid assessment that fits; one of a whole session counts for all traces of the session.
 */
export function hasAssessment(clause: Clause<TraceEntity>, scope: TraceScope): SqlText {
  const { dialect } = scope;
  const conditions = [
    raw(`a.assessment_type = '${clause.entity}'`),
    dialect.equals(raw('a.name'), clause.key),
    dialect.isTrue(raw('a.valid')),
  ];
  const isPresence = clause.comparator === 'IS NULL' || clause.comparator === 'IS NOT NULL';
  if (!isPresence) conditions.push(compareValue(clause, dialect));
  const ofTrace = exists(raw('assessments AS a'), [raw('a.trace_id = t.request_id'), ...conditions]);
  const has = or([ofTrace, isInSession(conditions, scope)]);
  return clause.comparator === 'IS NULL' ? sql`NOT ${has}` : has;
}

/** Holds for traces that an issue is linked to. */
export function hasIssue(issueId: string, dialect: SearchDialect): SqlText {
  return exists(raw('assessments AS a'), [
    raw('a.trace_id = t.request_id'),
    raw("a.assessment_type = 'issue'"),
    dialect.equals(raw('a.name'), issueId),
  ]);
}

/** The session of an assessed trace is looked for among the traces that are searched. */
function isInSession(conditions: readonly SqlText[], { experimentIds, shape, dialect }: TraceScope): SqlText {
  const ofSession = [
    ...conditions,
    dialect.contains(raw('a.assessment_metadata'), `"${TraceKey.session}":`),
    raw(`o.experiment_id IN (${experimentIds.join(', ')})`),
  ];
  const assessed = 'assessments AS a JOIN trace_info AS o ON o.request_id = a.trace_id';
  if (!shape.traceRows) {
    const sessions = sql`SELECT o.session_id FROM ${raw(assessed)} WHERE o.session_id IS NOT NULL AND ${and(ofSession)}`;
    return sql`(t.session_id IS NOT NULL AND t.session_id IN (${sessions}))`;
  }
  const isKey = (alias: string) => `${alias}."key" = '${TraceKey.session}'`;
  const metadata = `trace_request_metadata AS p ON p.request_id = o.request_id AND ${isKey('p')}`;
  const sessions = sql`SELECT p.value FROM ${raw(`${assessed} JOIN ${metadata}`)} WHERE p.value IS NOT NULL AND ${and(ofSession)}`;
  return exists(raw('trace_request_metadata AS v'), [
    raw(`v.request_id = t.request_id AND ${isKey('v')}`),
    sql`v.value IN (${sessions})`,
  ]);
}

const VALUE = raw('a.value');

/** The column holds JSON: `'yes'` finds the text "yes", which is quoted, and `'true'` the boolean, which is not. */
function compareValue(clause: Clause, dialect: SearchDialect): SqlText {
  if (typeof clause.value === 'number') return compareNumber(toNumber(dialect), clause);
  if (clause.comparator !== '=' && clause.comparator !== '!=') return compareText(VALUE, clause, dialect);
  const json = JSON.stringify(clause.value);
  const forms = new Set([String(clause.value), json, toAscii(json)]);
  const isEqual = or(Array.from(forms, (form) => dialect.equals(VALUE, form)));
  return clause.comparator === '=' ? isEqual : sql`NOT ${isEqual}`;
}

function toNumber(dialect: SearchDialect): SqlText {
  const words = "('true', 'false', 'null', 'nan', 'infinity', '-infinity')";
  return sql`CASE WHEN LOWER(a.value) IN ${raw(words)} OR SUBSTRING(a.value, 1, 1) IN ('"', '[', '{') THEN NULL ELSE ${dialect.toNumber(VALUE)} END`;
}
