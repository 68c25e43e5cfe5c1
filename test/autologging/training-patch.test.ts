import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Patch, TrainingHooks } from '../../src/autologging/definition.ts';
import { resetIntegrations } from '../../src/autologging/registry.ts';
import { withoutAutolog } from '../../src/autologging/session.ts';
import type { Call } from '../../src/patching/interceptor.ts';
import { holdStderr } from '../../src/testing/hold-stderr.ts';
import { MlflowClient } from '../../src/tracking/client.ts';
import { writerFor } from '../../src/tracking/delivery/writers.ts';
import { logMetric, logParam, setTag } from '../../src/tracking/fluent/log.ts';
import { endRun, startRun, withRun } from '../../src/tracking/fluent/runs.ts';
import { activeRun, lastActiveRun } from '../../src/tracking/runs/run-context.ts';
import { currentStore, setTrackingUri } from '../../src/tracking/settings.ts';
import type { Model } from '../support/library-body.js';
import { makeFixture } from './greeter.ts';

let client: MlflowClient;
let count = 0;

beforeEach(() => {
  count += 1;
  setTrackingUri(`sqlite:///runs-${count}.db`);
  client = new MlflowClient();
});

afterEach(() => {
  endRun();
  resetIntegrations();
});

function thrower(): never {
  throw new Error('not yours');
}

const fitHooks: TrainingHooks = {
  subject: ({ self }: Call) => self as object,
  subjectName: ({ self }) => (self as Model).name,
  begin: ({ args }) => ({
    params: { rows: (args[0] as unknown[]).length, shuffle: true, seed: null, sizes: [1, 2] },
    tags: { kind: 'toy' },
  }),
  end(result, _call, _config, training) {
    const losses = result as number[];
    for (const [step, loss] of losses.entries()) training.note({ metrics: { loss } }, { step });
    return { metrics: { last_loss: losses.at(-1) ?? 0 }, texts: { 'summary.txt': 'done\n' } };
  },
};

function patchesOf(hooks: Partial<TrainingHooks> = {}): Patch[] {
  const training = { ...fitHooks, ...hooks };
  return [
    { target: 'Model.prototype.fit', training },
    { target: 'Model.prototype.fitLater', training },
    { target: 'Model.prototype.fitWith', training: { subject: fitHooks.subject } },
    {
      target: 'Model.prototype.evaluate',
      training: {
        subject: fitHooks.subject,
        onlyInRun: true,
        end: (loss) => ({ metrics: { eval_loss: Number(loss) } }),
      },
    },
  ];
}

/** Turns on an integration of its own; all its models are new. */
function setUp(hooks: Partial<TrainingHooks> = {}, options: object = {}) {
  const fixture = makeFixture(patchesOf(hooks));
  const library = fixture.load();
  fixture.autolog(options);
  return { ...fixture, ...library };
}

/** Runs of the store; those that began in one millisecond have no order. */
async function runs() {
  return (await client.searchRuns({ experimentIds: ['0'] })).items;
}

/** The run of autologging, and that of the program. */
async function ownAndProgram() {
  const all = await runs();
  expect(all).toHaveLength(2);
  const own = all.find(({ tags }) => 'mlflow.autologging' in tags);
  return [own, all.find((run) => run !== own)] as const;
}

async function statuses() {
  return (await runs()).map(({ info }) => info.status).sort();
}

describe('a training without a run', () => {
  for (const method of ['fit', 'fitLater'] as const) {
    it(`by ${method} gets a run with what was said of it, which is finished`, async () => {
      const { name, Model } = setUp();
      expect(await new Model()[method]([1, 2, 3, 4])).toEqual([4, 2]);
      expect(activeRun()).toBeUndefined();
      const [run, ...others] = await runs();
      expect(others).toEqual([]);
      expect(run?.info.status).toBe('FINISHED');
      expect(run?.info.endTime).toBeGreaterThanOrEqual(run?.info.startTime ?? 0);
      expect(run?.params).toEqual({ rows: '4', shuffle: 'True', seed: 'None', sizes: '[1,2]' });
      expect(run?.metrics).toMatchObject({ last_loss: { value: 2 }, loss: { value: 2, step: 1 } });
      expect(run?.tags).toMatchObject({ 'mlflow.autologging': name, kind: 'toy' });
      expect(lastActiveRun()?.runId).toBe(run?.info.runId);
      const runId = run?.info.runId ?? '';
      await expect
        .poll(async () => (await client.listArtifacts(runId)).map(({ path }) => path))
        .toEqual(['summary.txt']);
    });
  }

  it('that fails leaves a failed run, with the error as a tag, and the very error', async () => {
    const { name, Model } = setUp();
    const error = new RangeError('theirs');
    const onEpoch = (): never => {
      throw error;
    };
    expect(() => new Model().fit([1], { onEpoch })).toThrow(error);
    await expect(new Model().fitLater([1], { onEpoch })).rejects.toBe(error);
    for (const { info, tags } of await runs()) {
      expect(info.status).toBe('FAILED');
      expect(tags[`${name}.error`]).toBe('RangeError: theirs');
    }
    expect(await runs()).toHaveLength(2);
  });

  it('that fails with what has no text leaves a failed run, too', async () => {
    const { Model } = setUp();
    await expect(new Model().fitWith(() => Promise.reject(Object.create(null)))).rejects.toBeTypeOf('object');
    expect(await statuses()).toEqual(['FAILED']);
  });

  it('logs what the program logs during it to the same run', async () => {
    const { Model } = setUp();
    const inner = await new Model().fitWith(async () => {
      await turn();
      logParam('mine', 1);
      logMetric('seen', 2);
      return lastActiveRun()?.runId;
    });
    const [run] = await runs();
    expect(run?.info.runId).toBe(inner);
    expect(run).toMatchObject({ params: { mine: '1' }, metrics: { seen: { value: 2 } } });
  });

  it('goes on in its run when the same object is trained again', async () => {
    const { Model } = setUp();
    const model = new Model();
    model.fit([1, 2]);
    model.fit([1, 2, 3]);
    new Model().fit([1, 2]);
    const points = (await runs()).map(async ({ info }) => {
      const { length } = await client.getMetricHistory(info.runId, 'last_loss');
      return length;
    });
    expect((await Promise.all(points)).sort()).toEqual([1, 2]);
  });

  it('begins a new one when the token has changed, or the last has failed', async () => {
    const { Model } = setUp({ continues: ({ self }) => (self as Model).weights });
    const model = new Model();
    model.fit([1]);
    model.fit([1]);
    model.weights = [3];
    model.fit([1]);
    expect(() => model.fit([1], { onEpoch: thrower })).toThrow('not yours');
    model.fit([1]);
    expect(await statuses()).toEqual(['FAILED', 'FINISHED', 'FINISHED']);
  });
});

describe('a training inside a run of the program', () => {
  it('is logged there, and the run is not ended, neither by success nor by failure', async () => {
    const { Model } = setUp();
    const run = startRun();
    new Model().fit([1, 2]);
    expect(() => new Model().fit([1], { onEpoch: thrower })).toThrow('not yours');
    expect(activeRun()).toBe(run);
    expect(run.status).toBe('RUNNING');
    logMetric('mine', 1);
    endRun();
    const [stored, ...others] = await runs();
    expect(others).toEqual([]);
    expect(stored?.info.status).toBe('FINISHED');
    expect(stored?.tags).not.toHaveProperty('mlflow.autologging');
    expect(stored?.params.rows).toBe('2');
  });

  it('has keys of its own for a second object', async () => {
    const { Model } = setUp();
    await withRun(async () => {
      const [first, second] = [new Model(), new Model()];
      second.name = 'critic';
      first.fit([1, 2]);
      await second.fitLater([1]);
      first.fit([1, 2]);
    });
    const [run] = await runs();
    expect(run?.params).toMatchObject({ rows: '2', 'critic/rows': '1' });
    expect(Object.keys(run?.metrics ?? {}).sort()).toEqual([
      'critic/last_loss',
      'critic/loss',
      'last_loss',
      'loss',
    ]);
  });

  it('of many interleaved tasks is logged in the run of its own task', async () => {
    const { Model } = setUp();
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        withRun({ runName: `run ${index}` }, async () => {
          if (index % 2 === 0) await turn();
          await new Model().fitLater(new Array(index));
        }),
      ),
    );
    const all = await runs();
    expect(all).toHaveLength(50);
    for (const { info, params } of all) expect(params.rows).toBe(info.runName.slice(4));
  });
});

describe('a training whose hooks fail', () => {
  const HOOKS: readonly [hook: keyof TrainingHooks, isLogged: boolean][] = [
    ['subject', false],
    ['continues', false],
    ['skip', false],
    ['onlyInRun', false],
    ['begin', true],
    ['end', true],
  ];

  for (const [hook, isLogged] of HOOKS) {
    it(`gives the same when ${hook} throws, and the run is finished as the program's call was`, async () => {
      const { name, Model } = setUp({ [hook]: thrower });
      const stderr = holdStderr();
      const losses = [new Model().fit([1, 2]), await new Model().fitLater([1, 2])];
      stderr.release();
      expect(losses).toEqual([
        [2, 1],
        [2, 1],
      ]);
      expect(stderr.text).toBe(
        `autolog: ${name} Model.prototype.fit: not yours\nautolog: ${name} Model.prototype.fitLater: not yours\n`,
      );
      expect(await statuses()).toEqual(isLogged ? ['FINISHED', 'FINISHED'] : []);
    });
  }

  it('gives a second object a number when its name throws', async () => {
    const { Model } = setUp({ subjectName: thrower });
    const stderr = holdStderr();
    withRun(() => {
      new Model().fit([1]);
      new Model().fit([1, 2]);
    });
    stderr.release();
    const [run] = await runs();
    expect(run).toMatchObject({ info: { status: 'FINISHED' }, params: { rows: '1', 'model_2/rows': '2' } });
  });

  it('logs the rest when a part is refused', async () => {
    const { Model } = setUp({ begin: () => ({ params: { 'bad?': 1, good: 2 }, metrics: { also: Number.NaN } }) });
    const stderr = holdStderr();
    new Model().fit([1]);
    stderr.release();
    expect(stderr.text).toMatch(/bad\?/);
    const [run] = await runs();
    expect(run).toMatchObject({ info: { status: 'FINISHED' }, params: { good: '2' } });
  });

  it('is still trained when there is no store', () => {
    const { name, Model } = setUp();
    setTrackingUri('sqlite:///runs-0.db');
    const writer = writerFor(currentStore());
    const { append } = writer;
    writer.append = thrower;
    const stderr = holdStderr();
    expect(new Model().fit([1, 2])).toEqual([2, 1]);
    stderr.release();
    writer.append = append;
    expect(stderr.text).toBe(`autolog: ${name} Model.prototype.fit: not yours\n`);
  });
});

describe('a call that only adds to a run', () => {
  it('is not logged without one', async () => {
    const { Model } = setUp();
    expect(new Model().evaluate()).toBe(0.25);
    expect(await runs()).toEqual([]);
  });

  it('adds to the run of an earlier training, which keeps its status', async () => {
    const { Model } = setUp();
    const model = new Model();
    model.fit([1]);
    model.evaluate();
    const [run] = await runs();
    expect(run?.info.status).toBe('FINISHED');
    expect(run?.metrics).toHaveProperty('eval_loss');
  });

  it('adds to the active run', async () => {
    const { Model } = setUp();
    withRun(() => new Model().evaluate());
    const [run] = await runs();
    expect(run?.metrics).toMatchObject({ eval_loss: { value: 0.25 } });
  });
});

describe('inside a training', () => {
  it('a call of the same integration passes through', async () => {
    const { Model } = setUp();
    await new Model().fitWith(() => new Model().fit([1, 2]));
    const [run, ...others] = await runs();
    expect(others).toEqual([]);
    expect(run?.params).toEqual({});
  });

  it('of another integration a training is logged to the same run', async () => {
    const [outer, inner] = [setUp(), setUp()];
    await outer.Model.prototype.fitWith.call(new outer.Model(), async () => {
      await turn();
      return new inner.Model().fit([1, 2]);
    });
    const [run, ...others] = await runs();
    expect(others).toEqual([]);
    expect(run?.tags['mlflow.autologging']).toBe(outer.name);
    expect(run?.params).toMatchObject({ 'model/rows': '2' });
  });
});

describe('extraTags', () => {
  it('stand on the runs that autologging begins, as text, and on no others', async () => {
    const { Model } = setUp({}, { extraTags: { team: 'a', version: 2, flags: [true] } });
    new Model().fit([1]);
    withRun(() => new Model().fit([1]));
    const [own, program] = await ownAndProgram();
    expect(own?.tags).toMatchObject({ team: 'a', version: '2', flags: '[true]' });
    expect(program?.tags).not.toHaveProperty('team');
  });

  it('cannot set the tag of autologging itself, which is told', async () => {
    const stderr = holdStderr();
    const { name, Model } = setUp({}, { extraTags: { 'mlflow.autologging': 'mine', team: 'a' } });
    stderr.release();
    new Model().fit([1]);
    const [run] = await runs();
    expect(run?.tags).toMatchObject({ 'mlflow.autologging': name, team: 'a' });
    expect(stderr.text).toBe(
      `autolog: Cannot enable ${name}: extraTags: autologging sets 'mlflow.autologging' itself; that one is left out, rename it\n`,
    );
  });
});

describe('exclusive', () => {
  it('logs nothing to a run of the program, and all else as before', async () => {
    const { Model } = setUp({}, { exclusive: true });
    withRun(() => new Model().fit([1]));
    new Model().fit([1, 2]);
    const [own, program] = await ownAndProgram();
    expect(program).toMatchObject({ params: {}, metrics: {} });
    expect(own?.params.rows).toBe('2');
  });

  it('logs to the run of a training, from which the program logs, too', async () => {
    const { Model, name } = setUp({}, { exclusive: true });
    const other = setUp({}, { exclusive: true });
    await new Model().fitWith(() => {
      setTag('mine', 1);
      return new other.Model().fit([1, 2]);
    });
    const [run, ...others] = await runs();
    expect(others).toEqual([]);
    expect(run).toMatchObject({ tags: { 'mlflow.autologging': name, mine: '1' }, params: { 'model/rows': '2' } });
  });

  it('leaves a run alone that the program begins inside a training', async () => {
    const { Model } = setUp({}, { exclusive: true });
    const other = setUp({}, { exclusive: true });
    await new Model().fitWith(() => withRun({ nested: true }, () => new other.Model().fit([1, 2])));
    const [, nested] = await ownAndProgram();
    expect(nested?.params).toEqual({});
  });
});

it('withoutAutolog keeps a training from a run', async () => {
  const { Model } = setUp();
  expect(withoutAutolog(() => new Model().fit([1, 2]))).toEqual([2, 1]);
  expect(await runs()).toEqual([]);
});
