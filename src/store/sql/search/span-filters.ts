import type { Clause } from '../../search/clause.ts';
import { compareText, exists } from './compare.ts';
import type { SearchDialect } from './search-dialect.ts';
import { and, or, raw, type SqlText, sql } from './sql-text.ts';

const ATTRIBUTE = 'attributes.';

/** Spans may begin so much earlier than their trace by the clocks of several machines. Source: MLflow, read at 3.17.2. */
const CLOCK_TOLERANCE_MS = 10_000;

/** Holds for traces with a span for which all clauses hold; `earliestMs` is when the first of the traces began. */
export function hasSpan(
  clauses: readonly Clause[],
  earliestMs: number | undefined,
  dialect: SearchDialect,
): SqlText {
  const conditions = [raw('s.trace_id = t.request_id'), raw('s.experiment_id = t.experiment_id')];
  if (earliestMs !== undefined) {
    const nanoseconds = BigInt(Math.ceil(earliestMs - CLOCK_TOLERANCE_MS)) * 1_000_000n;
    conditions.push(sql`s.start_time_unix_nano >= ${clamp(nanoseconds)}`);
  }
  for (const clause of clauses) {
    conditions.push(
      clause.key.startsWith(ATTRIBUTE)
        ? compareAttribute(clause, dialect)
        : compareText(raw(`s.${clause.key}`), clause, dialect),
    );
  }
  return exists(raw('spans AS s'), conditions);
}

/** The column holds the attributes as MLflow writes them: a JSON object whose values are JSON again, as texts. */
const CONTENT = raw('s.content');

/**
 * Patterns are looked for where MLflow does: anywhere behind the attribute's name. Other comparators, which MLflow takes
 * too but finds nothing by, are of the attribute's value.
 */
function compareAttribute(clause: Clause, dialect: SearchDialect): SqlText {
  const name = clause.key.slice(ATTRIBUTE.length);
  const value = clause.value;
  switch (clause.comparator) {
    case 'LIKE':
      return dialect.like(CONTENT, `%"${name}"${value}%`);
    case 'ILIKE':
      return dialect.ilike(CONTENT, `%"${name}"${value}%`);
    case 'RLIKE':
      return dialect.rlike(CONTENT, toJsonPattern(name, String(value)));
    default: {
      const values = Array.isArray(value) ? (value as readonly string[]) : [String(value)];
      const isOne = or(values.flatMap((each) => isValue(name, each, dialect)));
      if (clause.comparator === '=' || clause.comparator === 'IN') return isOne;
      return and([dialect.contains(CONTENT, `${JSON.stringify(name)}: `), sql`NOT ${isOne}`]);
    }
  }
}

/** A text, which is quoted within its quotes; or a number, a boolean or null, which is not. */
function isValue(name: string, value: string, dialect: SearchDialect): readonly SqlText[] {
  return [JSON.stringify(value), value].map((json) =>
    dialect.contains(CONTENT, `${JSON.stringify(name)}: ${JSON.stringify(json)}`),
  );
}

/** Source: `_get_filter_clauses_for_search_traces` of mlflow/store/tracking/sqlalchemy_store.py, read at 3.17.2. */
function toJsonPattern(name: string, pattern: string): string {
  const isFromStart = pattern.startsWith('^');
  const isToEnd = pattern.endsWith('$');
  const inner = pattern.slice(isFromStart ? 1 : 0, isToEnd ? -1 : undefined);
  return `"${name}": "\\\\"${isFromStart ? '' : '.*'}${inner}${isToEnd ? '\\\\"' : ''}`;
}

const LARGEST = 2n ** 63n - 1n;

function clamp(nanoseconds: bigint): bigint {
  if (nanoseconds > LARGEST) return LARGEST;
  return nanoseconds < -LARGEST ? -LARGEST : nanoseconds;
}
