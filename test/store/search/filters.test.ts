import { describe, expect, test } from 'vitest';
import type { Clause } from '../../../src/store/search/clause.ts';
import { parseExperimentFilter } from '../../../src/store/search/experiment-grammar.ts';
import { parseLoggedModelFilter } from '../../../src/store/search/logged-model-grammar.ts';
import { parseRunFilter } from '../../../src/store/search/run-grammar.ts';
import { parseTraceFilter } from '../../../src/store/search/trace-grammar.ts';

type Row = readonly [filter: string, ...clauses: readonly (readonly [string, string, string, Clause['value']])[]];

const RUNS: readonly Row[] = [
  [''],
  [' \n'],
  ['metrics.loss < 0.5', ['metric', 'loss', '<', 0.5]],
  ['metric.loss>=-1e-3', ['metric', 'loss', '>=', -0.001]],
  ['metrics.a = .5 AND metrics.b = 5.', ['metric', 'a', '=', 0.5], ['metric', 'b', '=', 5]],
  ['metrics.a > 1e+21', ['metric', 'a', '>', 1e21]],
  ["params.lr = '0.1'", ['param', 'lr', '=', '0.1']],
  ['parameters.lr != "it\'s"', ['param', 'lr', '!=', "it's"]],
  ["tags.mlflow.source.name LIKE '%.py'", ['tag', 'mlflow.source.name', 'LIKE', '%.py']],
  ["tag.`a b/c` ilike 'X'", ['tag', 'a b/c', 'ILIKE', 'X']],
  ['`param`."x-y" IS NULL', ['param', 'x-y', 'IS NULL', null]],
  ["tags.'q' is not null", ['tag', 'q', 'IS NOT NULL', null]],
  ["tags.größe = 'groß'", ['tag', 'größe', '=', 'groß']],
  [
    "status = 'FINISHED' and attr.user_id = 'me'",
    ['attribute', 'status', '=', 'FINISHED'],
    ['attribute', 'user_id', '=', 'me'],
  ],
  ["attributes.`Run Name` = 'x'", ['attribute', 'run_name', '=', 'x']],
  ['run.created > 5 AND Created < 9', ['attribute', 'start_time', '>', 5], ['attribute', 'start_time', '<', 9]],
  ['run_id IN (\'a\', "B",)', ['attribute', 'run_id', 'IN', ['a', 'B']]],
  ["datasets.name not in ('iris')", ['dataset', 'name', 'NOT IN', ['iris']]],
  ["dataset.context = 'train'", ['dataset', 'context', '=', 'train']],
  ["tags.a = 'x' AND", ['tag', 'a', '=', 'x']],
  ["AND AND tags.a = 'x' tags.b IS NULL", ['tag', 'a', '=', 'x'], ['tag', 'b', 'IS NULL', null]],
  ["tags.a = 'it''s'", ['tag', 'a', '=', "it''s"]],
  ["tags.a = 'C:\\' AND tags.b = ''", ['tag', 'a', '=', 'C:\\'], ['tag', 'b', '=', '']],
  ['tags.a = \'x AND y = ("z")\'', ['tag', 'a', '=', 'x AND y = ("z")']],
  ["tags.and = 'or' AND params.null IS NULL", ['tag', 'and', '=', 'or'], ['param', 'null', 'IS NULL', null]],
  ["tags.a = '\ud800'", ['tag', 'a', '=', '\ufffd']],
];

const EXPERIMENTS: readonly Row[] = [
  [
    "name = 'a' AND attribute.name ilike 'B%'",
    ['attribute', 'name', '=', 'a'],
    ['attribute', 'name', 'ILIKE', 'B%'],
  ],
  ["experiment_id = '007'", ['attribute', 'experiment_id', '=', '7']],
  ["experiment_id NOT IN ('1', ' 2 ')", ['attribute', 'experiment_id', 'NOT IN', ['1', '2']]],
  ['creation_time >= 1700000000000', ['attribute', 'creation_time', '>=', 1_700_000_000_000]],
  ['last_update_time < 1e3', ['attribute', 'last_update_time', '<', 1000]],
  ['tags.team IS NOT NULL', ['tag', 'team', 'IS NOT NULL', null]],
];

const LOGGED_MODELS: readonly Row[] = [
  ["name = 'lasso' AND metrics.loss < 1", ['attribute', 'name', '=', 'lasso'], ['metric', 'loss', '<', 1]],
  ['params.lr = 0.10', ['param', 'lr', '=', '0.10']],
  ['attributes.name = my-model', ['attribute', 'name', '=', 'my-model']],
  ['metrics.val/loss > 0', ['metric', 'val/loss', '>', 0]],
  ["tags.a in ('x')", ['tag', 'a', 'IN', ['x']]],
  [
    "status = 'READY' AND status != '1'",
    ['attribute', 'status', '=', 'READY'],
    ['attribute', 'status', '!=', 'PENDING'],
  ],
  ["status IN ('2', 'UPLOAD_FAILED')", ['attribute', 'status', 'IN', ['READY', 'UPLOAD_FAILED']]],
  ['creation_time > 5', ['attribute', 'creation_timestamp', '>', 5]],
  ['attributes.last_updated_timestamp > 5', ['attribute', 'last_updated_timestamp', '>', 5]],
];

const TRACES: readonly Row[] = [
  [
    'timestamp > 5 AND trace.timestamp_ms < 9',
    ['attribute', 'timestamp_ms', '>', 5],
    ['attribute', 'timestamp_ms', '<', 9],
  ],
  ["execution_time >= '1.5'", ['attribute', 'execution_time_ms', '>=', 1.5]],
  ['end_time < 9', ['attribute', 'end_time_ms', '<', 9]],
  ["status IN ('OK', 'ERROR')", ['attribute', 'status', 'IN', ['OK', 'ERROR']]],
  ["name RLIKE '^a'", ['tag', 'mlflow.traceName', 'RLIKE', '^a']],
  ["tags.name = 'x'", ['tag', 'name', '=', 'x']],
  ["run_id = 'r'", ['run', 'run_id', '=', 'r']],
  ["run_id IN ('r', 's')", ['run', 'run_id', 'IN', ['r', 's']]],
  ["metadata.`mlflow.sourceRun` = 'r'", ['run', 'run_id', '=', 'r']],
  ["run_id != 'r'", ['metadata', 'mlflow.sourceRun', '!=', 'r']],
  ["request_metadata.mlflow.trace.session = 's'", ['metadata', 'mlflow.trace.session', '=', 's']],
  ["prompt = 'qa/3'", ['prompt', 'prompt', '=', 'qa/3']],
  ["text ILIKE '%error%'", ['span', 'content', 'ILIKE', '%error%']],
  ["span.type = 'LLM'", ['span', 'type', '=', 'LLM']],
  ["span.attributes.`gen_ai.model` LIKE '%gpt%'", ['span', 'attributes.gen_ai.model', 'LIKE', '%gpt%']],
  ["feedback.ok = 'true'", ['feedback', 'ok', '=', 'true']],
  ['feedback.`my score` > 0.8', ['feedback', 'my score', '>', 0.8]],
  ['expectation.answer IS NULL', ['expectation', 'answer', 'IS NULL', null]],
  ["issue.id = 'i-1'", ['issue', 'id', '=', 'i-1']],
];

describe.each<readonly [string, (filter: string) => readonly Clause[], readonly Row[]]>([
  ['runs', parseRunFilter, RUNS],
  ['experiments', parseExperimentFilter, EXPERIMENTS],
  ['logged models', parseLoggedModelFilter, LOGGED_MODELS],
  ['traces', parseTraceFilter, TRACES],
])('a filter of %s', (_subject, parse, rows) => {
  test.each(rows.map(([filter, ...clauses]) => ({ filter, clauses })))('reads $filter', ({ filter, clauses }) => {
    const expected = clauses.map(([entity, key, comparator, value]) => ({ entity, key, comparator, value }));
    expect(parse(filter)).toEqual(expected);
  });
});

test('no filter has no conditions', () => {
  expect(parseRunFilter(undefined)).toEqual([]);
  expect(parseTraceFilter(null)).toEqual([]);
});
