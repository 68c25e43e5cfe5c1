import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkAutomaticRun } from '../../src/autologging/check-run.ts';
import type { TrainingHooks } from '../../src/autologging/definition.ts';
import { resetIntegrations } from '../../src/autologging/registry.ts';
import { MlflowClient } from '../../src/tracking/client.ts';
import { beginRun, endRun, startRun } from '../../src/tracking/fluent/runs.ts';
import { setTrackingUri } from '../../src/tracking/settings.ts';
import { makeFixture } from './greeter.ts';

const training: TrainingHooks = { subject: ({ self }) => self as object };

let client: MlflowClient;
let count = 0;

beforeEach(() => {
  count += 1;
  setTrackingUri(`sqlite:///status-${count}.db`);
  client = new MlflowClient();
});

afterEach(() => {
  delete process.env.AUTOLOG_TESTING;
  endRun();
  resetIntegrations();
});

function setUp(hooks: Partial<TrainingHooks> = {}) {
  const fixture = makeFixture(
    ['fit', 'fitWith'].map((key) => ({ target: `Model.prototype.${key}`, training: { ...training, ...hooks } })),
  );
  fixture.autolog();
  return { ...fixture, model: new (fixture.load().Model)() };
}

async function onlyRun() {
  const [run, ...others] = (await client.searchRuns({ experimentIds: ['0'] })).items;
  expect(others).toEqual([]);
  return run;
}

describe('the run of a training', () => {
  const stopped = (): AbortSignal => {
    const controller = new AbortController();
    controller.abort();
    return controller.signal;
  };

  it.each<[what: string, error: () => unknown, status: string]>([
    ['an error', () => new Error('theirs'), 'FAILED'],
    ['no error', () => undefined, 'FAILED'],
    ["an AbortSignal's reason", () => stopped().reason, 'KILLED'],
    ['an AbortError', () => Object.assign(new Error('stop'), { name: 'AbortError' }), 'KILLED'],
    ['a time limit', () => new DOMException('too long', 'TimeoutError'), 'FAILED'],
    [
      'what cannot be read',
      () =>
        new Proxy(
          {},
          {
            get: () => {
              throw new Error('no');
            },
            getPrototypeOf: () => null,
          },
        ),
      'FAILED',
    ],
  ])('that ends by %s has the status of the outcome', async (_what, makeError, status) => {
    const { model } = setUp();
    const error = makeError();
    let caught: { readonly reason: unknown } | undefined;
    try {
      await model.fitWith(() => Promise.reject(error));
    } catch (reason) {
      caught = { reason };
    }
    expect(caught?.reason === error).toBe(true);
    expect((await onlyRun())?.info.status).toBe(status);
  });

  it('that is called off by a signal during a timer is killed, and the signal reaches nothing else', async () => {
    const { model } = setUp();
    const controller = new AbortController();
    const { setTimeout } = await import('node:timers/promises');
    const fit = model.fitWith(() => setTimeout(60_000, undefined, { signal: controller.signal }));
    await turn();
    controller.abort();
    await expect(fit).rejects.toMatchObject({ name: 'AbortError' });
    expect((await onlyRun())?.info.status).toBe('KILLED');
  });

  it('that the program has ended itself keeps the status that it gave', async () => {
    const { model } = setUp();
    process.env.AUTOLOG_TESTING = '1';
    await model.fitWith(async () => {
      await turn();
      endRun('KILLED');
    });
    expect((await onlyRun())?.info.status).toBe('KILLED');
  });

  it('that nobody waits for is ended, too', async () => {
    const { model } = setUp();
    void model.fitWith(() => 7);
    await expect.poll(async () => (await onlyRun())?.info.status, { timeout: 10_000 }).toBe('FINISHED');
  });

  it('of the program is not ended, whatever comes of the training', async () => {
    const { model } = setUp();
    const run = startRun();
    await expect(model.fitWith(() => Promise.reject(stopped().reason))).rejects.toThrow();
    expect(run.status).toBe('RUNNING');
  });
});

describe('in test mode', () => {
  beforeEach(() => {
    process.env.AUTOLOG_TESTING = '1';
  });

  it('a training passes its checks, by each outcome', async () => {
    const { model, load } = setUp();
    expect(model.fit([1, 2])).toEqual([2, 1]);
    const error = new Error('theirs');
    await expect(new (load().Model)().fitWith(() => Promise.reject(error))).rejects.toBe(error);
    expect(
      (await client.searchRuns({ experimentIds: ['0'] })).items.map(({ info }) => info.status).sort(),
    ).toEqual(['FAILED', 'FINISHED']);
  });

  it('a failure of a hook reaches the program', () => {
    const thrower = (): never => {
      throw new Error('not yours');
    };
    for (const hook of ['subject', 'begin', 'end'] as const) {
      const { model } = setUp({ [hook]: thrower });
      expect(() => model.fit([1])).toThrow('not yours');
    }
  });

  it('a run that was left open, or ended in another way than was meant, is told of', () => {
    const tags = { 'mlflow.autologging': 'own' };
    const open = beginRun({ tags });
    expect(() => checkAutomaticRun(open, 'own', 'FINISHED')).toThrow('was left open');
    open.end('FAILED');
    expect(() => checkAutomaticRun(open, 'own', 'FINISHED')).toThrow('is FAILED in the store, not FINISHED');
    expect(() => checkAutomaticRun(open, 'other', 'FAILED')).toThrow("has the tag 'own'");
    expect(() => checkAutomaticRun(open, 'own', 'FAILED')).not.toThrow();
  });
});
