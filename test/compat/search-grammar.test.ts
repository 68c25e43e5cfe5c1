import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AutologError } from '../../src/errors.ts';
import type { Clause, SortKey } from '../../src/store/search/clause.ts';
import { parseExperimentFilter, parseExperimentOrderBy } from '../../src/store/search/experiment-grammar.ts';
import { parseLoggedModelFilter, parseLoggedModelOrderBy } from '../../src/store/search/logged-model-grammar.ts';
import { parseRunFilter, parseRunOrderBy } from '../../src/store/search/run-grammar.ts';
import { parseTraceFilter, parseTraceOrderBy } from '../../src/store/search/trace-grammar.ts';
import { requireMlflow } from '../support/requirements.ts';
import { runPython } from './python.ts';
import { ALL, DEVIATIONS, type Deviation, ORDER_DEVIATIONS } from './search-deviations.ts';
import { filters, orders, type Subject } from './searches.ts';

const mlflow = requireMlflow();
const COUNT = 3000;
const SEED = 20_261_121;

type Search = readonly [subject: Subject, text: string];
type SortTuple = readonly [entity: string, key: string, isAscending: boolean];

const FILTERS: Record<Subject, (text: string) => readonly Clause[]> = {
  experiments: parseExperimentFilter,
  runs: parseRunFilter,
  logged_models: parseLoggedModelFilter,
  traces: parseTraceFilter,
};
const ORDERS: Record<Subject, (text: string) => readonly SortKey[]> = {
  experiments: (text) => parseExperimentOrderBy([text]),
  runs: (text) => parseRunOrderBy([text]),
  logged_models: (fieldName) => parseLoggedModelOrderBy([{ fieldName }]),
  traces: (text) => parseTraceOrderBy([text]),
};
const SUBJECTS = Object.keys(FILTERS) as Subject[];

describe.skipIf(mlflow.isMissing)(mlflow.title('filters of generated text'), () => {
  test.each(SUBJECTS)('of %s say the same as to the real MLflow', { timeout: 180_000 }, async (subject) => {
    const texts = distinct(filters(subject));
    const theirs = await parseThere<Clause[]>(
      'filter',
      texts.map((text) => [subject, text]),
    );
    const verdicts = texts.map((text, i) => ({
      text,
      ours: parseHere(FILTERS[subject], text, showClauses),
      theirs: theirs[i] ? showClauses(theirs[i]) : null,
    }));
    const deviations = DEVIATIONS.filter((it) => it.subjects.includes(subject));
    expect(verdicts.filter((it) => isUnexplained(it, deviations))).toEqual([]);
    const same = verdicts.filter((it) => it.ours === it.theirs);
    expect(same.length).toBeGreaterThan(0.7 * texts.length);
    expect(same.filter((it) => it.ours !== null).length).toBeGreaterThan(0.2 * texts.length);
  });
});

describe.skipIf(mlflow.isMissing)(mlflow.title('deviations from MLflow'), () => {
  test('are all as the list of filters says', async () => {
    const theirs = await parseThere<Clause[]>('filter', DEVIATIONS.map(toSearch));
    const found = DEVIATIONS.map((deviation, i) => {
      const ours = parseHere(FILTERS[exampleSubject(deviation)], deviation.example, showClauses);
      return { ...deviation, ours, theirs: theirs[i] ? showClauses(theirs[i]) : null };
    });
    expect(found).toEqual(DEVIATIONS);
    expect(DEVIATIONS.filter(({ pattern, example }) => !pattern.test(example))).toEqual([]);
  });

  test('are all as the list of sort keys says', async () => {
    const theirs = await parseThere<SortTuple>('order', ORDER_DEVIATIONS.map(toSearch));
    const found = ORDER_DEVIATIONS.map((deviation, i) => {
      const ours = parseHere(ORDERS[exampleSubject(deviation)], deviation.example, showKeys);
      return { ...deviation, ours, theirs: showTuple(theirs[i]) };
    });
    expect(found).toEqual(ORDER_DEVIATIONS);
    expect(ORDER_DEVIATIONS.filter(({ pattern, example }) => !pattern.test(example))).toEqual([]);
  });
});

describe.skipIf(mlflow.isMissing)(mlflow.title('sort keys of generated text'), () => {
  test.each(SUBJECTS)('of %s say the same as to the real MLflow', { timeout: 180_000 }, async (subject) => {
    const texts = distinct(orders(subject));
    const theirs = await parseThere<SortTuple>(
      'order',
      texts.map((text) => [subject, text]),
    );
    const verdicts = texts.map((text, i) => {
      return { text, ours: parseHere(ORDERS[subject], text, showKeys), theirs: showTuple(theirs[i]) };
    });
    const deviations = ORDER_DEVIATIONS.filter((it) => it.subjects.includes(subject));
    expect(verdicts.filter((it) => isUnexplained(it, deviations))).toEqual([]);
    expect(verdicts.filter((it) => it.ours !== null && it.ours === it.theirs).length).toBeGreaterThan(20);
  });
});

function distinct(texts: fc.Arbitrary<string>): string[] {
  return [...new Set(fc.sample(texts, { numRuns: COUNT, seed: SEED }))];
}

function exampleSubject({ subjects }: Deviation): Subject {
  return subjects === ALL ? 'runs' : (subjects[0] as Subject);
}

function toSearch(deviation: Deviation): Search {
  return [exampleSubject(deviation), deviation.example];
}

function isUnexplained(
  { text, ours, theirs }: { readonly text: string; readonly ours: string | null; readonly theirs: string | null },
  deviations: readonly Deviation[],
): boolean {
  return ours !== theirs && !deviations.some(({ pattern }) => pattern.test(text));
}

function parseHere<Item>(
  parse: (text: string) => readonly Item[],
  text: string,
  show: (items: readonly Item[]) => string,
): string | null {
  try {
    return show(parse(text));
  } catch (error) {
    if (error instanceof AutologError && error.code === 'INVALID_PARAMETER_VALUE') return null;
    throw error;
  }
}

async function parseThere<Result>(
  part: 'filter' | 'order',
  searches: readonly Search[],
): Promise<readonly (Result | null)[]> {
  const file = `searches-${randomUUID()}.json`;
  const given = searches.map(([subject, text]) => {
    return [subject, part, part === 'order' && subject === 'logged_models' ? { field_name: text } : text];
  });
  fs.writeFileSync(file, JSON.stringify(given));
  return runPython('parse_searches.py', file);
}

/** Clauses as text, in MLflow's or our spelling. */
function showClauses(clauses: readonly Clause[]): string {
  return clauses.map(showClause).join(', ');
}

function showClause({ entity, key, comparator, value }: Clause): string {
  const list = Array.isArray(value) ? `(${value.map((it) => `'${it}'`).join(', ')})` : undefined;
  const shown = list ?? (typeof value === 'string' ? `'${value}'` : value);
  return `${nameKey(entity, key, comparator)} ${comparator}${value === null ? '' : ` ${shown}`}`;
}

function showKeys(keys: readonly SortKey[]): string {
  return keys.map(({ entity, key, isAscending }) => `${nameKey(entity, key)} ${isAscending}`).join(', ');
}

function showTuple(tuple: SortTuple | null | undefined): string | null {
  if (!tuple) return null;
  const [entity, key, isAscending] = tuple;
  return showKeys([{ entity, key, isAscending }]);
}

function nameKey(entity: string, key: string, comparator = ''): string {
  const kind = entity.replace('parameter', 'param').replace('request_metadata', 'metadata');
  const name = kind === 'attribute' ? key.replace('timestamp_ms', 'timestamp') : key;
  if (kind === 'metadata' && key === 'mlflow.sourceRun' && comparator === '=') return 'run run_id';
  if (kind === 'tag' && key === 'mlflow.linkedPrompts') return 'prompt prompt';
  return `${kind} ${kind === 'span' ? name.replace(/^attributes\.`(.*)`$/s, 'attributes.$1') : name}`;
}
