import { describe, expect, test } from 'vitest';
import { AutologError } from '../../../src/errors.ts';
import { parseExperimentOrderBy } from '../../../src/store/search/experiment-grammar.ts';
import {
  checkDatasetRefs,
  parseLoggedModelFilter,
  parseLoggedModelOrderBy,
} from '../../../src/store/search/logged-model-grammar.ts';
import { checkMaxResults } from '../../../src/store/search/max-results.ts';
import { parseRunOrderBy } from '../../../src/store/search/run-grammar.ts';
import { parseTraceOrderBy } from '../../../src/store/search/trace-grammar.ts';
import type { DatasetRef, LoggedModelOrder } from '../../../src/store/search-options.ts';

describe('what results are sorted by', () => {
  test.each([
    [parseRunOrderBy, 'metrics.loss', 'metric loss ASC'],
    [parseRunOrderBy, 'metrics.`val loss` DESC', 'metric val loss DESC'],
    [parseRunOrderBy, 'params."a-b" asc', 'param a-b ASC'],
    [parseRunOrderBy, ' attributes.Created  Desc ', 'attribute start_time DESC'],
    [parseRunOrderBy, 'tags.mlflow.user', 'tag mlflow.user ASC'],
    [parseRunOrderBy, 'run_id DESC', 'attribute run_id DESC'],
    [parseExperimentOrderBy, 'last_update_time desc', 'attribute last_update_time DESC'],
    [parseTraceOrderBy, 'timestamp', 'attribute timestamp_ms ASC'],
    [parseTraceOrderBy, 'trace.end_time DESC', 'attribute end_time_ms DESC'],
    [parseTraceOrderBy, 'experiment_id', 'attribute experiment_id ASC'],
    [parseTraceOrderBy, 'name', 'tag mlflow.traceName ASC'],
    [parseTraceOrderBy, 'run_id', 'metadata mlflow.sourceRun ASC'],
    [parseTraceOrderBy, 'request_metadata.a', 'metadata a ASC'],
  ] as const)('%o reads %j', (parse, text, expected) => {
    const [key] = parse([text]);
    expect(`${key?.entity} ${key?.key} ${key?.isAscending ? 'ASC' : 'DESC'}`).toBe(expected);
  });

  test('is nothing by default', () => {
    expect(parseRunOrderBy(undefined)).toEqual([]);
    expect(parseLoggedModelOrderBy(null)).toEqual([]);
  });

  test.each([
    [parseRunOrderBy, 'metrics.loss up', "there is 'up' after the key; write ASC or DESC there"],
    [parseRunOrderBy, 'metrics.loss ASC NULLS LAST', "there is 'NULLS' after the key"],
    [parseRunOrderBy, 'dataset.name', "'dataset' is no part"],
    [parseRunOrderBy, 'lifecycle_stage', "there is no attribute 'lifecycle_stage'"],
    [parseRunOrderBy, '', 'there is the end of the text where a key belongs'],
    [parseExperimentOrderBy, 'tags.a', "'tags' is no part that can be named before a dot; write one of attribute"],
    [parseTraceOrderBy, 'feedback.ok', "'feedback' is no part"],
    [parseTraceOrderBy, 'client_request_id', "there is no attribute 'client_request_id'"],
  ] as const)('%o refuses %j', (parse, text, message) => {
    expect(messageOf(() => parse([text]))).toContain(message);
  });

  test('is refused twice for runs and traces, by any spelling', () => {
    expect(messageOf(() => parseRunOrderBy(['start_time', 'created DESC']))).toContain('more than once');
    expect(messageOf(() => parseRunOrderBy(['metrics.a', 'metric.`a` DESC']))).toContain(
      "'metric.a' more than once",
    );
    expect(messageOf(() => parseTraceOrderBy(['timestamp', 'timestamp_ms']))).toContain('more than once');
  });

  test('counts once for experiments', () => {
    expect(parseExperimentOrderBy(['name DESC', 'experiment_id', 'name'])).toEqual([
      { entity: 'attribute', key: 'name', isAscending: false },
      { entity: 'attribute', key: 'experiment_id', isAscending: true },
    ]);
  });

  test('is a list of strings, of at most 50', () => {
    expect(messageOf(() => parseRunOrderBy('name' as unknown as string[]))).toContain('is no list');
    expect(messageOf(() => parseRunOrderBy([5 as unknown as string]))).toContain('is no string');
    expect(messageOf(() => parseRunOrderBy(Array(51).fill('metrics.a')))).toContain('more than 50 keys');
  });
});

describe('what logged models are sorted by', () => {
  test.each<readonly [LoggedModelOrder, object]>([
    [{ fieldName: 'name' }, { entity: 'attribute', key: 'name', isAscending: true }],
    [
      { fieldName: ' creation_time ', ascending: false },
      { entity: 'attribute', key: 'creation_timestamp', isAscending: false },
    ],
    [{ fieldName: 'metrics.val/loss at 5' }, { entity: 'metric', key: 'val/loss at 5', isAscending: true }],
    [{ fieldName: 'metrics.`a b`' }, { entity: 'metric', key: 'a b', isAscending: true }],
    [
      { fieldName: 'metrics.loss', datasetName: 'iris', datasetDigest: 'd1' },
      { entity: 'metric', key: 'loss', isAscending: true, datasetName: 'iris', datasetDigest: 'd1' },
    ],
  ])('reads %j', (order, expected) => {
    expect(parseLoggedModelOrderBy([order])).toEqual([expected]);
  });

  test.each<readonly [unknown, string]>([
    [{}, 'has no fieldName'],
    [null, 'has no fieldName'],
    ['name', 'has no fieldName'],
    [{ fieldName: 'params.lr' }, "'params' is no part"],
    [{ fieldName: 'nothing' }, "there is no attributes 'nothing'"],
    [{ fieldName: 'metrics.' }, 'cannot follow the dot'],
    [{ fieldName: 'name up' }, 'there is more than a key'],
    [{ fieldName: 'metrics.loss DESC' }, 'put it into ascending'],
    [{ fieldName: 'name', ascending: 'no' }, 'ascending of the order_by is no boolean'],
    [{ fieldName: 'metrics.loss', datasetDigest: 'd1' }, 'a datasetDigest without a datasetName'],
  ])('refuses %j', (order, message) => {
    expect(messageOf(() => parseLoggedModelOrderBy([order as LoggedModelOrder]))).toContain(message);
  });

  test('may be one metric on two datasets', () => {
    const orderBy = ['a', 'b'].map((datasetName) => ({ fieldName: 'metrics.loss', datasetName }));
    expect(parseLoggedModelOrderBy(orderBy)).toHaveLength(2);
    expect(parseLoggedModelOrderBy([{ fieldName: 'name' }, { fieldName: 'name' }])).toHaveLength(1);
  });

  test('and filtered by are datasets with names', () => {
    expect(checkDatasetRefs(undefined)).toEqual([]);
    expect(checkDatasetRefs([{ datasetName: 'iris' }])).toEqual([{ datasetName: 'iris' }]);
    expect(messageOf(() => checkDatasetRefs([{ datasetName: '' }]))).toContain('has no datasetName');
    expect(messageOf(() => checkDatasetRefs([{} as DatasetRef]))).toContain('has no datasetName');
    expect(parseLoggedModelFilter(undefined)).toEqual([]);
  });
});

describe('how many results a page holds', () => {
  test('is as in MLflow by default', () => {
    expect(checkMaxResults('runs', undefined)).toBe(1000);
    expect(checkMaxResults('experiments', undefined)).toBe(1000);
    expect(checkMaxResults('loggedModels', null)).toBe(100);
    expect(checkMaxResults('traces', undefined)).toBe(100);
  });

  test('is within the limits', () => {
    expect(checkMaxResults('runs', 50_000)).toBe(50_000);
    expect(checkMaxResults('traces', 1)).toBe(1);
    for (const bad of [0, -1, 1.5, 50_001, Number.NaN, '5' as unknown as number]) {
      expect(messageOf(() => checkMaxResults('runs', bad))).toContain('pass an integer from 1 to 50000');
    }
    expect(messageOf(() => checkMaxResults('traces', 501))).toContain('pass an integer from 1 to 500');
  });
});

function messageOf(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (error instanceof AutologError && error.code === 'INVALID_PARAMETER_VALUE') return error.message;
    throw error;
  }
  return 'accepted';
}
