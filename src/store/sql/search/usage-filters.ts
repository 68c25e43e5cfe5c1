import { TraceKey } from '../../../entities/trace-keys.ts';
import { invalidParameter } from '../../../errors.ts';
import type { Clause } from '../../search/clause.ts';
import { toPythonJson } from '../span-content.ts';
import { COST_COLUMNS, TOKEN_COLUMNS } from '../trace-columns.ts';
import { and, or, raw, type SqlText, sql } from './sql-text.ts';

/**
 * A comparison of a trace's token usage or cost, where columns hold what was JSON before: the JSON that they make is
 * compared.
 */
export function compareUsage(clause: Clause): SqlText {
  const names: readonly string[] = clause.key === TraceKey.usage ? TOKEN_COLUMNS : COST_COLUMNS;
  const isThere = or(names.map((name) => sql`${column(name)} IS NOT NULL`));
  switch (clause.comparator) {
    case 'IS NULL':
      return sql`NOT ${isThere}`;
    case 'IS NOT NULL':
      return isThere;
    case '=':
      return isEqual(names, String(clause.value));
    case '!=':
      return and([isThere, sql`NOT (${isEqual(names, String(clause.value))})`]);
    default:
      throw invalidParameter(
        `Cannot search traces: the metadata '${clause.key}' is not compared by ${clause.comparator}; write =, !=, IS NULL or IS NOT NULL.`,
      );
  }
}

function isEqual(names: readonly string[], json: string): SqlText {
  const wanted = parseNumbers(names, json);
  if (wanted === null) return raw('1 = 0');
  return and(
    names.map((name) => {
      const value = wanted[name];
      if (value === undefined) return sql`${column(name)} IS NULL`;
      return sql`${column(name)} IS NOT NULL AND ${column(name)} = ${value}`;
    }),
  );
}

/** The numbers of a text that is written as the columns would be: in their order, with Python's spaces. */
function parseNumbers(names: readonly string[], json: string): Readonly<Record<string, number>> | null {
  try {
    const numbers = JSON.parse(json) as Readonly<Record<string, unknown>>;
    const inOrder = Object.fromEntries(names.flatMap((name) => (name in numbers ? [[name, numbers[name]]] : [])));
    const isOfNumbers = Object.values(inOrder).every((each) => typeof each === 'number');
    const isWritten = toPythonJson(inOrder) === json.replaceAll(/(\d)\.0(?=[,}])/g, '$1');
    return isOfNumbers && isWritten && json !== '{}' ? (inOrder as Record<string, number>) : null;
  } catch {
    // A SyntaxError, or a TypeError for null: no row holds such a text.
    return null;
  }
}

function column(name: string): SqlText {
  return raw(`t.${name}`);
}
