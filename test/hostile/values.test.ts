import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  type ActiveRun,
  activeRun,
  endRun,
  failureCounts,
  logInput,
  logMetric,
  logMetrics,
  logParam,
  logParams,
  type MlflowClient,
  setExperiment,
  setTag,
  setTags,
  startRun,
  withRun,
} from '../../src/index.ts';
import { query } from '../store/raw-database.ts';
import { databaseIn, refusal, runProgram, useNewStore, watchStderr } from './surroundings.ts';

let folder: string;
let client: MlflowClient;
let run: ActiveRun;

beforeEach(() => {
  ({ folder, client } = useNewStore());
  run = startRun();
  logParam('kept', 'yes');
});

afterEach(() => endRun());

/** Calls that plain JavaScript can make. */
const anyLogParam: (...args: unknown[]) => void = logParam as never;
const anyLogMetric: (...args: unknown[]) => void = logMetric as never;
const anySetTag: (...args: unknown[]) => void = setTag as never;

async function storedRun() {
  return client.getRun(run.runId);
}

describe('a key', () => {
  const KEYS: readonly (readonly [unknown, RegExp])[] = [
    ['', /its key '' is no name/],
    [undefined, /its key undefined is no name/],
    [null, /its key null is no name/],
    [42, /its key 42 is no name/],
    [{}, /its key an object is no name/],
    [Symbol('s'), /its key Symbol\(s\) is no name/],
    ['../x', /as a path of files it would lead elsewhere/],
    ['a/../../x', /as a path of files/],
    ['/etc/passwd', /as a path of files/],
    ['a//b', /as a path of files/],
    ['a%2e%2e', /keys may only contain letters/],
    ['a\0b', /keys may only contain letters/],
    ['a\nb', /keys may only contain letters/],
    ['<b>', /keys may only contain letters/],
    ['a\ud800', /keys may only contain letters/],
    ['k'.repeat(251), /exceeds the maximum length of 250/],
    ['k'.repeat(10_000_000), /exceeds the maximum length of 250/],
  ];

  test.each(KEYS.map(([key, about]) => [shown(key), key, about] as const))(
    'like %s is refused, of params, metrics and tags, and nothing else is lost',
    async (_shown, key, about) => {
      for (const log of [anyLogParam, anyLogMetric, anySetTag]) {
        expect(() => log(key, 1)).toThrow(refusal('INVALID_PARAMETER_VALUE', about));
      }
      await expect(client.logMetric(run.runId, key as string, 1)).rejects.toEqual(
        refusal('INVALID_PARAMETER_VALUE'),
      );
      logParam('next', 1);
      expect((await storedRun()).params).toEqual({ kept: 'yes', next: '1' });
    },
  );

  test.each(['__proto__', 'constructor', 'toString', 'größe', '日本', 'a b:c/d-e.f'])(
    '%j is kept as it is',
    async (key) => {
      logParam(key, 'p');
      logMetric(key, 0.5);
      setTag(key, 't');
      const { params, metrics, tags } = await storedRun();
      expect([Object.entries(params), metrics[key]?.value, Object.hasOwn(tags, key)]).toEqual([
        expect.arrayContaining([[key, 'p']]),
        0.5,
        true,
      ]);
      logParam(key, 'p');
    },
  );
});

describe('a value', () => {
  test.each([
    ['0.5', /its value '0.5' is no number/],
    [null, /its value null is no number/],
    [undefined, /its value undefined is no number/],
    [10n, /its value 10 is no number/],
    [{}, /its value an object is no number/],
    [Symbol('s'), /is no number/],
  ])('%o is no metric', (value, about) => {
    expect(() => anyLogMetric('m', value)).toThrow(refusal('INVALID_PARAMETER_VALUE', about));
    expect(() => logMetrics({ good: 1, m: value as number })).toThrow(refusal('INVALID_PARAMETER_VALUE'));
  });

  test('that is NaN, infinite, huge or tiny is kept, as metric and as param', async () => {
    const values = [Number.NaN, Infinity, -Infinity, Number.MAX_VALUE / 2, 5e-324, -0];
    for (const [index, value] of values.entries()) {
      logMetric(`m${index}`, value);
      logParam(`p${index}`, value);
    }
    const { metrics, params } = await storedRun();
    expect(values.map((_, index) => metrics[`m${index}`]?.value)).toEqual([...values.slice(0, 5), 0]);
    expect(values.map((_, index) => params[`p${index}`])).toEqual(values.map(String));
    expect(query(databaseIn(folder), "SELECT value, is_nan FROM metrics WHERE key = 'm0'")).toEqual([[0, 1]]);
  });

  test('of a param is what JavaScript or JSON prints of it', async () => {
    const values = [undefined, null, true, 10n, Symbol('s'), [1, 'a'], { a: { b: 1 } }, new Date(0), Number.NaN];
    for (const [index, value] of values.entries()) logParam(`p${index}`, value);
    const { params } = await storedRun();
    expect(values.map((_, index) => params[`p${index}`])).toEqual([
      'undefined',
      'null',
      'true',
      '10',
      'Symbol(s)',
      '[1,"a"]',
      '{"a":{"b":1}}',
      '"1970-01-01T00:00:00.000Z"',
      'NaN',
    ]);
  });

  test('without a text is refused', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    for (const value of [cyclic, { big: 10n }, Object.create(null, { toJSON: { value: thrower } })]) {
      expect(() => logParam('p', value)).toThrow(refusal('INVALID_PARAMETER_VALUE', /it has no text/));
      expect(() => setTag('t', value)).toThrow(refusal('INVALID_PARAMETER_VALUE', /it has no text/));
    }
  });

  test('of 10 MB is cut to MLflow’s length, or refused where the environment says so', async () => {
    const huge = '𝄞'.repeat(5_000_000);
    logParam('p', huge);
    setTag('t', huge);
    const { params, tags } = await storedRun();
    expect([params.p, tags.t]).toEqual(['𝄞'.repeat(6000), '𝄞'.repeat(8000)]);
    process.env.MLFLOW_TRUNCATE_LONG_VALUES = 'false';
    onTestFinished(() => {
      delete process.env.MLFLOW_TRUNCATE_LONG_VALUES;
    });
    expect(() => logParam('q', huge)).toThrow(refusal('INVALID_PARAMETER_VALUE', /maximum length of 6000/));
  });

  test('with lone surrogates and NUL is stored as UTF-8 that others can read', async () => {
    logParam('p', 'a\ud83d\0b');
    setTag('t', '\udc00');
    expect((await storedRun()).params.p).toBe('a\ufffd\0b');
    const [[hex]] = query(databaseIn(folder), "SELECT hex(value) FROM params WHERE key = 'p'") as [[string]];
    expect(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(hex, 'hex'))).toBe('a\ufffd\0b');
  });

  test('of a param never changes, neither at once nor after a run is taken up again', async () => {
    const changed = refusal('INVALID_PARAMETER_VALUE', /Changing param values is not allowed.*'kept'/) as Error;
    expect(() => logParam('kept', 'no')).toThrow(changed);
    expect(() => logParams({ good: 1, kept: 'no' })).toThrow(changed);
    endRun();
    startRun({ runId: run.runId });
    expect(() => logParam('kept', 'no')).toThrow(changed);
    await expect(client.logParam(run.runId, 'kept', 'no')).rejects.toEqual(changed);
    expect((await storedRun()).params).toEqual({ kept: 'yes' });
  });
});

describe('what surrounds a value', () => {
  test.each([0.5, Number.NaN, 2 ** 53, Infinity, '1', 1n, {}])('a step %o is refused', (step) => {
    expect(() => anyLogMetric('m', 1, { step })).toThrow(refusal('INVALID_PARAMETER_VALUE', /its step|step/));
  });

  test.each([-1, 0.5, Number.NaN, Infinity, '2026-01-01', new Date(), 2 ** 53])(
    'a time %o is refused',
    (timestamp) => {
      expect(() => anyLogMetric('m', 1, { timestamp })).toThrow(
        refusal('INVALID_PARAMETER_VALUE', /its timestamp/) as Error,
      );
    },
  );

  test('negative and huge steps and early times are kept', async () => {
    for (const step of [-5, 0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])
      logMetric('m', step, { step, timestamp: 0 });
    const history = await client.getMetricHistory(run.runId, 'm');
    expect(history.map(({ step }) => step)).toEqual([Number.MIN_SAFE_INTEGER, -5, 0, Number.MAX_SAFE_INTEGER]);
  });

  test.each([[undefined], [null], ['a'], [['a', 1]], [new Map([['a', 1]])], [5]])(
    '%o is no set of values',
    (values) => {
      const wanted = refusal('INVALID_PARAMETER_VALUE', /expected an object/) as Error;
      for (const log of [logParams, logMetrics, setTags] as ((values: unknown) => void)[]) {
        expect(() => log(values)).toThrow(wanted);
      }
    },
  );

  test('a bare step, as Python’s function takes it, is refused', () => {
    expect(() => anyLogMetric('m', 1, 5)).toThrow(refusal('INVALID_PARAMETER_VALUE', /\{ step: 3 \}/));
    expect(() => logMetrics({ m: 1 }, 5 as never)).toThrow(refusal('INVALID_PARAMETER_VALUE'));
  });

  test.each([
    [undefined, /a dataset/],
    [{}, /its name undefined is no string/],
    [{ name: 'd', digest: 'x'.repeat(37), sourceType: 's', source: 's' }, /its digest exceeds/],
    [{ name: 'd'.repeat(501), digest: 'x', sourceType: 's', source: 's' }, /its name exceeds/],
  ])('the dataset %# is refused', (dataset, about) => {
    expect(() => logInput(dataset as never)).toThrow(refusal('INVALID_PARAMETER_VALUE', about));
  });
});

describe('a run', () => {
  test('that has ended takes no more, and may be ended again', async () => {
    endRun('FAILED');
    endRun();
    run.end();
    for (const log of [() => run.logMetric('m', 1), () => run.logParam('p', 1), () => run.setTag('t', 1)]) {
      expect(log).toThrow(refusal('INVALID_STATE', /it has ended \(FAILED\).*startRun/));
    }
    expect(() => run.end('DONE' as never)).toThrow(refusal('INVALID_PARAMETER_VALUE', /'DONE' is no status/));
    expect((await storedRun()).info.status).toBe('FAILED');
  });

  test('inside a run needs to be nested, and the outer one goes on', () => {
    expect(() => startRun()).toThrow(refusal('INVALID_STATE', /is already active.*nested: true/));
    expect(() => withRun(() => 1)).toThrow(refusal('INVALID_STATE'));
    expect(activeRun()).toBe(run);
    startRun({ nested: true });
    endRun();
    expect(activeRun()).toBe(run);
  });

  test('that is deleted cannot be taken up nor written; what is written to it meanwhile is kept aside and told', async () => {
    const stderr = watchStderr();
    await client.deleteRun(run.runId);
    logMetric('late', 1);
    await client.searchExperiments();
    expect(stderr.text).toMatch(
      /the store refused a record \(metric, INVALID_PARAMETER_VALUE; kept in .*rejected.jsonl\)/,
    );
    expect(Object.values(failureCounts()).length).toBeGreaterThan(0);
    await expect(client.logMetric(run.runId, 'm', 1)).rejects.toEqual(
      refusal('INVALID_PARAMETER_VALUE', /must be in the 'active' state. Current state is deleted/),
    );
    endRun();
    expect(() => startRun({ runId: run.runId })).toThrow(refusal('INVALID_PARAMETER_VALUE', /deleted/));
    await client.restoreRun(run.runId);
    expect((await storedRun()).params).toEqual({ kept: 'yes' });
  });

  test.each([
    ['f'.repeat(32), 'RESOURCE_DOES_NOT_EXIST', /not found/],
    ['../../etc', 'INVALID_PARAMETER_VALUE', /Invalid run ID/],
    ['', 'INVALID_PARAMETER_VALUE', /Invalid run ID/],
    [undefined, 'INVALID_PARAMETER_VALUE', /Invalid run ID undefined/],
    [{}, 'INVALID_PARAMETER_VALUE', /Invalid run ID an object/],
  ] as const)('with the id %o is not there', async (id, code, about) => {
    const runId = id as string;
    await expect(client.getRun(runId)).rejects.toEqual(refusal(code, about));
    await expect(client.logMetric(runId, 'm', 1)).rejects.toEqual(refusal(code, about));
    await expect(client.setTerminated(runId)).rejects.toEqual(refusal(code, about));
    await expect(client.deleteRun(runId)).rejects.toEqual(refusal(code, about));
    endRun();
    if (id) expect(() => startRun({ runId })).toThrow(refusal(code, about));
  });

  test.each([
    [{ startTime: Number.NaN }, /start time/],
    [{ startTime: -1 }, /start time/],
    [{ tags: { '../x': '1' } }, /tag/],
    [{ tags: ['a'] }, /expected an object/],
  ])('is not created with %o', async (options, about) => {
    await expect(client.createRun('0', options as never)).rejects.toEqual(
      refusal('INVALID_PARAMETER_VALUE', about),
    );
  });

  test('whose name is no string gets its text, and one whose name is empty gets three words', async () => {
    endRun();
    run = startRun({ runName: 42 as never });
    expect((await storedRun()).info.runName).toBe('42');
    endRun();
    run = startRun({ runName: '' });
    expect((await storedRun()).info.runName).toMatch(/^\w+-\w+-\d+$/);
  });

  test('does not end at a nonsensical time or with a nonsensical status', async () => {
    await expect(client.setTerminated(run.runId, 'DONE' as never)).rejects.toEqual(
      refusal('INVALID_PARAMETER_VALUE'),
    );
    await expect(client.setTerminated(run.runId, 'FINISHED', Number.NaN)).rejects.toEqual(
      refusal('INVALID_PARAMETER_VALUE', /end time/),
    );
    expect((await storedRun()).info).toMatchObject({ status: 'RUNNING', endTime: null });
  });
});

describe('an experiment', () => {
  test('that is deleted takes no runs, until it is restored', async () => {
    endRun();
    const id = await client.createExperiment('bin');
    await client.deleteExperiment(id);
    const deleted = refusal('INVALID_PARAMETER_VALUE', /must be in the 'active' state. Current state is deleted/);
    expect(() => setExperiment('bin')).toThrow(deleted);
    expect(() => startRun({ experimentId: id })).toThrow(deleted);
    await expect(client.createRun(id)).rejects.toEqual(deleted);
    await expect(client.createExperiment('bin')).rejects.toEqual(refusal('RESOURCE_ALREADY_EXISTS'));
    await client.restoreExperiment(id);
    startRun({ experimentId: id });
  });

  test.each([
    ['99', 'RESOURCE_DOES_NOT_EXIST', /No Experiment with id=99/],
    ['-1', 'INVALID_PARAMETER_VALUE', /must be an integer/],
    ['abc', 'INVALID_PARAMETER_VALUE', /must be an integer/],
    [{}, 'INVALID_PARAMETER_VALUE', /must be an integer/],
  ] as const)('with the id %o is not there', async (id, code, about) => {
    endRun();
    expect(() => startRun({ experimentId: id as string })).toThrow(refusal(code, about));
    await expect(client.getExperiment(id as string)).rejects.toEqual(refusal(code, about));
    await expect(client.createRun(id as string)).rejects.toEqual(refusal(code));
  });

  test.each(['', 42, null, {}, 'x'.repeat(501)])('%# may not have such a name', (name) => {
    expect(() => setExperiment(name as string)).toThrow(refusal('INVALID_PARAMETER_VALUE'));
  });
});

describe('the environment', () => {
  const STARTING = `try { autolog.startRun(); } catch (error) { console.log(error.code, error.message); }`;

  test.each([
    ['MLFLOW_RUN_ID', 'f'.repeat(32), /^RESOURCE_DOES_NOT_EXIST Run with id=f+ not found; .*\.\n$/],
    ['MLFLOW_RUN_ID', '../x', /^INVALID_PARAMETER_VALUE Invalid run ID '..\/x': .*\.\n$/],
    ['MLFLOW_EXPERIMENT_ID', 'abc', /^INVALID_PARAMETER_VALUE Invalid experiment ID 'abc': .*; .*\.\n$/],
    ['MLFLOW_EXPERIMENT_ID', '99', /^RESOURCE_DOES_NOT_EXIST No Experiment with id=99 exists; .*\.\n$/],
    ['MLFLOW_EXPERIMENT_NAME', 'x'.repeat(501), /^INVALID_PARAMETER_VALUE Invalid experiment name: .*; .*\.\n$/],
  ])('%s may hold nonsense (%#)', async (name, value, expected) => {
    const { stdout } = await runProgram(STARTING, { env: { [name]: value } });
    expect(stdout).toMatch(expected);
  });
});

function thrower(): never {
  throw new Error('no');
}

function shown(key: unknown): string {
  return typeof key === 'string' ? JSON.stringify(key.slice(0, 20)) : String(key);
}
