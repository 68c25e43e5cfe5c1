import fs from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  validateArtifactLocation,
  validateBatch,
  validateDatasetInput,
  validateExperimentName,
  validateExperimentTag,
  validateLoggedModelName,
  validateMetric,
  validateMetricKey,
  validateParam,
  validateRunId,
  validateTag,
  validateTraceTag,
} from '../../src/entities/validation.ts';
import { AutologError } from '../../src/errors.ts';
import { requireMlflow } from '../support/requirements.ts';
import { runPython } from './python.ts';

const mlflow = requireMlflow();
const COUNT = 2500;
const SEED = 20_261_121;

/** One check, by MLflow's name for it in the script, with what is given to both sides. */
interface Check {
  readonly name: string;
  readonly inputs: fc.Arbitrary<readonly unknown[]>;
  readonly here: (...args: never[]) => unknown;
  /** What is decided otherwise here, on purpose. */
  readonly deviates?: (...args: never[]) => boolean;
}

/** Text at its limit, one over it, and far over it, of characters of one and of two code units. */
function long(limit: number): fc.Arbitrary<string> {
  const length = fc.constantFrom(limit - 1, limit, limit + 1, 2 * limit);
  return fc.tuple(fc.constantFrom('x', '🦉', 'ü'), length).map(([character, count]) => character.repeat(count));
}

const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const character = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...'aZ09_-./ :') },
  { weight: 1, arbitrary: fc.constantFrom(...'%"\'\\;?#\tü漢²½🦉') },
);
const name = fc.string({ unit: character, maxLength: 8 });
const key = fc.oneof({ weight: 12, arbitrary: name }, { weight: 1, arbitrary: long(250) });
const location = fc
  .tuple(
    fc.constantFrom('', '/', 'file:///', 's3://bucket/', 'https://host/', 'runs:/', 'sftp://host/', 'C:\\'),
    name,
    fc.constantFrom('', '', ';x', '?a=b', '?p=..', '?p=%2e%2E/', '?p=%252e%252e', '#part', '#', ';'),
  )
  .map((parts) => parts.join(''));

const CHECKS: readonly Check[] = [
  { name: 'metric_key', inputs: fc.tuple(key), here: validateMetricKey, deviates: endsInNewline },
  {
    name: 'metric',
    inputs: fc.tuple(
      fc.oneof(number, number, fc.boolean(), fc.string(), fc.constant(null)),
      fc.oneof(fc.nat(), fc.maxSafeInteger(), fc.constant(null), fc.string()),
      fc.oneof(fc.nat(), fc.maxSafeInteger(), fc.constant(null), fc.string()),
    ),
    here: (value: number, timestamp: number, step: number) =>
      validateMetric({ key: 'key', value, timestamp, step }),
  },
  { name: 'param', inputs: fc.tuple(key, fc.oneof(name, long(6000))), here: validateParam },
  { name: 'tag', inputs: fc.tuple(key, fc.oneof(name, long(8000))), here: validateTag },
  { name: 'trace_tag', inputs: fc.tuple(key, fc.oneof(name, long(8000))), here: validateTraceTag },
  {
    name: 'experiment_tag',
    inputs: fc.tuple(key, fc.oneof(name, long(5000).filter(isWithin(5000)))),
    here: validateExperimentTag,
  },
  { name: 'experiment_name', inputs: fc.tuple(fc.oneof(name, long(500))), here: validateExperimentName },
  { name: 'run_id', inputs: fc.tuple(fc.oneof(name, long(256))), here: validateRunId },
  {
    name: 'artifact_location',
    inputs: fc.tuple(fc.oneof({ weight: 12, arbitrary: location }, { weight: 1, arbitrary: long(2048) })),
    here: validateArtifactLocation,
  },
  {
    name: 'dataset',
    inputs: fc.tuple(
      fc.oneof(name, long(500)),
      fc.oneof(name, long(36)),
      fc.oneof({ weight: 9, arbitrary: name }, { weight: 1, arbitrary: long(65_535) }),
      fc.option(fc.oneof({ weight: 99, arbitrary: name }, { weight: 1, arbitrary: long(1_048_575) })),
      fc.option(name),
    ),
    here: (name: string, digest: string, source: string, schema: string | null, profile: string | null) => {
      validateDatasetInput({ dataset: { name, digest, sourceType: 'code', source, schema, profile }, tags: {} });
    },
  },
  {
    name: 'input_tag',
    inputs: fc.tuple(fc.oneof(name, long(255)), fc.oneof(name, long(500))),
    here: (tag: string, value: string) => {
      const dataset = { name: 'd', digest: 'd', sourceType: 'code', source: '', schema: null, profile: null };
      validateDatasetInput({ dataset, tags: { [tag]: value } });
    },
  },
  { name: 'logged_model_name', inputs: fc.tuple(name), here: validateLoggedModelName },
  {
    name: 'batch',
    inputs: fc.tuple(
      fc.constantFrom(0, 1, 850, 900, 999, 1000, 1001),
      fc.oneof(fc.array(name, { maxLength: 5 }), fc.uniqueArray(name, { minLength: 95, maxLength: 105 })),
      fc.constantFrom(0, 50, 99, 100, 101),
    ),
    here: (metricCount: number, keys: string[], tagCount: number) => {
      const params = keys.map((it) => ({ key: it }));
      validateBatch({ metrics: Array(metricCount).fill(0), params, tags: Array(tagCount).fill(0) });
    },
  },
];

describe.skipIf(mlflow.isMissing)(mlflow.title('generated inputs'), () => {
  test.each(CHECKS)(
    'of $name have the same verdict as from the real MLflow',
    { timeout: 120_000 },
    async (check) => {
      const isCostly = ['dataset', 'batch'].includes(check.name);
      const inputs = fc.sample(check.inputs, { numRuns: isCostly ? COUNT / 5 : COUNT, seed: SEED });
      const file = `inputs-${check.name}.json`;
      fs.writeFileSync(file, JSON.stringify(inputs.map((args) => [check.name, ...args])));
      const theirs = await runPython<readonly ({ readonly stored: unknown } | null)[]>('validate_inputs.py', file);
      const ours = inputs.map((args) => verdictOf(() => check.here(...(args as never[]))));
      const isAccepted = (verdict: unknown): boolean => verdict !== null;
      const differing = inputs
        .map((args, i) => ({ args, ours: ours[i], theirs: theirs[i] && { stored: theirs[i].stored ?? null } }))
        .filter((it) => JSON.stringify(it.ours) !== JSON.stringify(it.theirs))
        .filter(({ args }) => !check.deviates?.(...(args as never[])));
      expect(differing.map((it) => JSON.stringify(it).slice(0, 300))).toEqual([]);
      expect(theirs.filter(isAccepted).length).toBeGreaterThan(0.03 * inputs.length);
      expect(theirs.filter(isAccepted).length).toBeLessThan(inputs.length);
    },
  );
});

/** Python's `$` matches before a newline at the end, which no key can mean. */
function endsInNewline(text: string): boolean {
  return text.endsWith('\n');
}

function isWithin(limit: number): (text: string) => boolean {
  return (text) => [...text].length <= limit;
}

function verdictOf(check: () => unknown): { readonly stored: unknown } | null {
  try {
    return { stored: check() ?? null };
  } catch (error) {
    if (error instanceof AutologError && error.code === 'INVALID_PARAMETER_VALUE') return null;
    throw error;
  }
}
