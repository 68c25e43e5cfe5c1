import { describe, expect, onTestFinished, test } from 'vitest';
import {
  cutText,
  validateDatasetInput,
  validateExperimentId,
  validateExperimentName,
  validateExperimentTag,
  validateLoggedModelName,
  validateMetric,
  validateMetricKey,
  validateParam,
  validateParamKey,
  validateRunId,
  validateTag,
  validateTagKey,
} from '../../src/entities/validation.ts';
import { AutologError } from '../../src/errors.ts';

const GOOD_KEYS = [
  'loss',
  'val/loss',
  'a b',
  'a:b',
  'größe_1',
  'x.y-z',
  'mlflow.runName',
  'a..b',
  'k'.repeat(250),
];
const BAD_KEYS = [
  '',
  '.',
  '..',
  '..a',
  '/a',
  'a/',
  'a//b',
  'a/./b',
  'a/../b',
  'a%b',
  'a\n',
  'a\\b',
  'k'.repeat(251),
];

describe.each([
  ['metric', validateMetricKey],
  ['param', validateParamKey],
  ['tag', validateTagKey],
])('the key of a %s', (_kind, validate) => {
  test.each(GOOD_KEYS)('may be %j', (key) => {
    expect(() => validate(key)).not.toThrow();
  });

  test.each(BAD_KEYS)('may not be %j', (key) => {
    expect(codeOf(() => validate(key))).toBe('INVALID_PARAMETER_VALUE');
  });
});

describe('what is refused', () => {
  const point = { key: 'loss', value: 1, timestamp: 0, step: 0 };
  const dataset = { name: 'iris', digest: 'abc', sourceType: 'code', source: '{}', schema: null, profile: null };
  const cases: readonly (readonly [string, () => unknown])[] = [
    ['a metric that is text', () => validateMetric({ ...point, value: '1' as unknown as number })],
    ['a metric that is a boolean', () => validateMetric({ ...point, value: true as unknown as number })],
    ['half a step', () => validateMetric({ ...point, step: 0.5 })],
    ['a time before 1970', () => validateMetric({ ...point, timestamp: -1 })],
    ['a time that is not a number', () => validateMetric({ ...point, timestamp: Number.NaN })],
    ['an experiment without a name', () => validateExperimentName('')],
    ['an experiment name of 501 characters', () => validateExperimentName('x'.repeat(501))],
    ['an experiment tag of 5001 characters', () => validateExperimentTag('k', 'x'.repeat(5001))],
    ['an experiment id that is a name', () => validateExperimentId('demo')],
    ['a run id with a slash', () => validateRunId('a/b')],
    ['a run id of 257 characters', () => validateRunId('a'.repeat(257))],
    ['a param that is no string', () => validateParam('lr', 0.1 as unknown as string)],
    [
      'a dataset name of 501 characters',
      () => validateDatasetInput({ dataset: { ...dataset, name: 'x'.repeat(501) }, tags: {} }),
    ],
    [
      'a digest of 37 characters',
      () => validateDatasetInput({ dataset: { ...dataset, digest: 'x'.repeat(37) }, tags: {} }),
    ],
    [
      'a dataset without a source',
      () => validateDatasetInput({ dataset: { ...dataset, source: null as unknown as string }, tags: {} }),
    ],
    ['a dataset tag of 501 characters', () => validateDatasetInput({ dataset, tags: { k: 'x'.repeat(501) } })],
    ...['', 'a/b', 'a:b', 'a.b', 'a%b', 'a"b', "a'b"].map(
      (name) => [`the model name ${JSON.stringify(name)}`, () => validateLoggedModelName(name)] as const,
    ),
  ];

  test.each(cases)('%s', (_title, validate) => {
    expect(codeOf(validate)).toBe('INVALID_PARAMETER_VALUE');
  });
});

describe('what is accepted', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e308])(
    'the metric value %d',
    (value) => {
      expect(() => validateMetric({ key: 'loss', value, timestamp: 0, step: -1 })).not.toThrow();
    },
  );

  test('a name at its limit, counted in characters', () => {
    expect(() => validateExperimentName('🦉'.repeat(500))).not.toThrow();
    expect(() => validateExperimentId('0')).not.toThrow();
    expect(() => validateRunId('my-run_1')).not.toThrow();
    expect(() => validateLoggedModelName('my model-1')).not.toThrow();
  });
});

describe('long values', () => {
  test('are cut to 6000 characters as params and 8000 as tags', () => {
    expect(validateParam('p', 'x'.repeat(6001))).toHaveLength(6000);
    expect(validateTag('t', 'x'.repeat(8001))).toHaveLength(8000);
    expect(validateParam('p', 'x'.repeat(6000))).toHaveLength(6000);
  });

  test.each(['false', 'FALSE', '0'])('are refused with MLFLOW_TRUNCATE_LONG_VALUES=%s', (setting) => {
    process.env.MLFLOW_TRUNCATE_LONG_VALUES = setting;
    onTestFinished(() => {
      delete process.env.MLFLOW_TRUNCATE_LONG_VALUES;
    });
    expect(codeOf(() => validateParam('p', 'x'.repeat(6001)))).toBe('INVALID_PARAMETER_VALUE');
    expect(validateTag('t', 'x')).toBe('x');
  });

  test('are never cut through a character', () => {
    expect(cutText('a🦉b', 2)).toBe('a🦉');
    expect(cutText('🦉'.repeat(4), 4)).toBe('🦉'.repeat(4));
    expect(cutText('abc', 2)).toBe('ab');
  });
});

test('a message says what was wrong and what to do', () => {
  expect(() => validateParamKey('a//b')).toThrow(/Cannot log the param 'a\/\/b': .*; rename it/);
});

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return error instanceof AutologError ? error.code : 'another error';
  }
  return undefined;
}
