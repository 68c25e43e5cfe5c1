import { describe, expect, onTestFinished, test } from 'vitest';
import type { Assessment } from '../../src/entities/assessment.ts';
import {
  cutPreview,
  validateArtifactLocation,
  validateAssessment,
  validateAssessmentName,
  validateBatch,
  validateDatasetInputs,
  validateLoggedModelParam,
  validateLoggedModelTag,
  validateTraceLinks,
  validateTraceMetadata,
  validateTraceTag,
  validateTraceTagIsMutable,
} from '../../src/entities/validation.ts';
import { AutologError } from '../../src/errors.ts';

const DATASET = { name: 'iris', digest: 'abc', sourceType: 'code', source: '{}', schema: null, profile: null };
const FEEDBACK: Assessment = {
  assessmentId: 'a-1',
  traceId: 'tr-1',
  spanId: null,
  kind: 'feedback',
  name: 'correct',
  value: true,
  error: null,
  source: { sourceType: 'HUMAN', sourceId: 'me' },
  rationale: null,
  metadata: {},
  createTime: 0,
  lastUpdateTime: 0,
  overrides: null,
  isValid: true,
};

describe('one call', () => {
  const batch = (metrics: number, params: number, tags: number) => ({
    metrics: Array(metrics).fill(0),
    params: Array.from({ length: params }, (_, i) => ({ key: `p${i}` })),
    tags: Array(tags).fill(0),
  });

  test.each([
    [1000, 0, 0],
    [800, 100, 100],
    [0, 0, 0],
  ])('logs %d metrics, %d params and %d tags', (...counts) => {
    expect(refusalOf(() => validateBatch(batch(...counts)))).toBeNull();
  });

  test.each([
    [1001, 0, 0, 'at most 1000 metrics, and has 1001'],
    [0, 101, 0, 'at most 100 params, and has 101'],
    [0, 0, 101, 'at most 100 tags, and has 101'],
    [900, 100, 1, 'at most 1000 metrics, params and tags, and has 1001'],
  ])('does not log %d metrics, %d params and %d tags', (metrics, params, tags, message) => {
    expect(refusalOf(() => validateBatch(batch(metrics, params, tags)))).toContain(message);
  });

  test('logs no param twice', () => {
    const params = [{ key: 'lr' }, { key: 'depth' }, { key: 'lr' }];
    expect(refusalOf(() => validateBatch({ metrics: [], params, tags: [] }))).toContain(
      "'lr' is there more than once",
    );
  });

  test('logs at most 1000 datasets, each of them checked', () => {
    const inputs = (count: number) => Array(count).fill({ dataset: DATASET, tags: {} });
    expect(refusalOf(() => validateDatasetInputs(inputs(1000)))).toBeNull();
    expect(refusalOf(() => validateDatasetInputs(inputs(1001)))).toContain('at most 1000');
    const bad = { dataset: { ...DATASET, digest: 'x'.repeat(37) }, tags: {} };
    expect(refusalOf(() => validateDatasetInputs([bad]))).toContain('digest');
  });

  test('links at most 100 traces', () => {
    const ids = (count: number) => Array.from({ length: count }, (_, i) => `tr-${i}`);
    expect(refusalOf(() => validateTraceLinks(ids(100)))).toBeNull();
    expect(refusalOf(() => validateTraceLinks(ids(101)))).toContain('at most 100');
    expect(refusalOf(() => validateTraceLinks('tr-1' as unknown as string[]))).toContain('pass a list');
    expect(refusalOf(() => validateTraceLinks(['']))).toContain('is no id');
  });
});

describe('the artifact location of an experiment', () => {
  test.each([
    '/data/artifacts',
    'C:\\artifacts',
    'file:///a b/ü',
    's3://bucket/a;b',
    'mlflow-artifacts:/1',
    'wasbs://c@a.blob.core.windows.net/x?sig=a%2Fb',
    '/data/../artifacts',
  ])('may be %s', (location) => {
    expect(refusalOf(() => validateArtifactLocation(location))).toBeNull();
  });

  test.each([
    ['runs:/1/model', 'is a runs:/ URI'],
    ['s3://bucket/a#b', 'has a fragment or parameters'],
    ['https://host/a;b=c', 'has a fragment or parameters'],
    ['s3://bucket/a?path=../../etc', "has '..' in its query"],
    ['s3://bucket/a?path=%2e%2E/', "has '..' in its query"],
    ['s3://bucket/a?path=%252e%252e/', "has '..' in its query"],
    [`s3://${'x'.repeat(2048)}`, 'exceeds the maximum length of 2048'],
    [5 as unknown as string, 'is no string'],
  ])('may not be %s', (location, message) => {
    expect(refusalOf(() => validateArtifactLocation(location))).toContain(message);
  });

  test('is as long as MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH allows', () => {
    process.env.MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH = '10';
    onTestFinished(() => {
      delete process.env.MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH;
    });
    expect(refusalOf(() => validateArtifactLocation('/123456789'))).toBeNull();
    expect(refusalOf(() => validateArtifactLocation('/1234567890'))).toContain('maximum length of 10');
  });
});

describe('traces', () => {
  test('have tags and metadata that are cut to 8000 characters', () => {
    expect(validateTraceTag('t', 'x'.repeat(8001))).toHaveLength(8000);
    expect(validateTraceMetadata('any key #1', 'x'.repeat(8001))).toHaveLength(8000);
    expect(cutPreview('🦉'.repeat(1001))).toBe('🦉'.repeat(1000));
  });

  test.each<readonly [string, () => unknown]>([
    ['a tag with a bad key', () => validateTraceTag('a//b', 'x')],
    ['a tag with a key of 251 characters', () => validateTraceTag('k'.repeat(251), 'x')],
    ['a name of 4097 characters', () => validateTraceTag('mlflow.traceName', 'x'.repeat(4097))],
    ['metadata without a key', () => validateTraceMetadata('', 'x')],
    ['metadata with a key of 251 characters', () => validateTraceMetadata('k'.repeat(251), 'x')],
    ['a session of 251 characters', () => validateTraceMetadata('mlflow.trace.session', 'x'.repeat(251))],
    ['metadata that is no string', () => validateTraceMetadata('k', 5 as unknown as string)],
    ['a change of the artifact location', () => validateTraceTagIsMutable('mlflow.artifactLocation')],
    ['a change of the user', () => validateTraceTagIsMutable('mlflow.user')],
  ])('do not have %s', (_what, check) => {
    expect(refusalOf(check)).not.toBeNull();
  });

  test('let other tags change', () => {
    expect(refusalOf(() => validateTraceTagIsMutable('mlflow.traceName'))).toBeNull();
  });
});

describe('logged models', () => {
  test('have params as runs have, and tags of any text', () => {
    expect(validateLoggedModelParam('lr', 'x'.repeat(6001))).toHaveLength(6000);
    expect(refusalOf(() => validateLoggedModelParam('a//b', 'x'))).toContain('rename it');
    expect(validateLoggedModelTag('a//b #', 'x'.repeat(20_000))).toHaveLength(20_000);
    expect(refusalOf(() => validateLoggedModelTag('k'.repeat(256), 'x'))).toContain('255');
    expect(refusalOf(() => validateLoggedModelTag('', 'x'))).toContain('empty');
    expect(refusalOf(() => validateLoggedModelTag('k', 5 as unknown as string))).toContain('no string');
  });
});

describe('assessments', () => {
  const failed = { errorCode: 'TIMEOUT', errorMessage: null, stackTrace: null };

  test.each<readonly [string, Partial<Assessment>]>([
    ['feedback of any JSON', { value: { score: 0.5, labels: ['a', null] } }],
    ['feedback with only an error', { value: null, error: failed }],
    ['feedback that is false', { value: false }],
    ['an expectation', { kind: 'expectation', value: 'Paris', spanId: '0123456789abcdef' }],
    ['an issue without a value', { kind: 'issue', value: null }],
  ])('may be %s', (_what, changes) => {
    expect(refusalOf(() => validateAssessment({ ...FEEDBACK, ...changes }))).toBeNull();
  });

  test.each<readonly [string, object, string]>([
    ['without a name', { name: '' }, 'is none; give a string'],
    ['with a name of 251 characters', { name: 'x'.repeat(251) }, '250'],
    ['of an unknown kind', { kind: 'opinion' }, "its kind 'opinion' is unknown"],
    ['from an unknown source', { source: { sourceType: 'ROBOT', sourceId: 'x' } }, "'ROBOT' is unknown"],
    ['without a source', { source: undefined }, 'its source type undefined is unknown'],
    ['feedback without value or error', { value: null }, 'neither a value nor an error'],
    ['an expectation without a value', { kind: 'expectation', value: null }, 'it has no value'],
    ['an expectation with an error', { kind: 'expectation', error: failed }, 'cannot have an error'],
    ['with a value that is no JSON', { value: 10n }, 'its value is no JSON'],
    ['with a function for a value', { value: () => 5 }, 'its value is no JSON'],
    ['with a rationale that is no string', { rationale: 5 }, 'its rationale is no string'],
    ['of a span without an id', { spanId: 'root' }, "'root' is no id of a span"],
    ['with metadata that is no string', { metadata: { a: 5 } }, "its metadata 'a' is no string"],
  ])('may not be %s', (_what, changes, message) => {
    expect(refusalOf(() => validateAssessment({ ...FEEDBACK, ...changes } as Assessment))).toContain(message);
  });

  test('have names of 1 to 250 characters', () => {
    expect(refusalOf(() => validateAssessmentName('🦉'.repeat(250)))).toBeNull();
    expect(refusalOf(() => validateAssessmentName(5 as unknown as string))).toContain('give a string');
  });
});

/** The message of a refusal; null where nothing is refused. */
function refusalOf(check: () => unknown): string | null {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof AutologError && error.code === 'INVALID_PARAMETER_VALUE') return error.message;
    throw error;
  }
}
