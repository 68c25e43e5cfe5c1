import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type * as Settings from '../../src/tracking/settings.ts';

const SETTINGS = new URL('../../src/tracking/settings.ts', import.meta.url).href;

let settings: typeof Settings;
let copies = 0;

/** What is set lasts as long as the process: each test has its own copy of the module. */
beforeEach(async () => {
  copies += 1;
  settings = await import(/* @vite-ignore */ `${SETTINGS}?copy=${copies}`);
});

afterEach(() => {
  for (const name of ['TRACKING_URI', 'EXPERIMENT_NAME', 'EXPERIMENT_ID']) delete process.env[`MLFLOW_${name}`];
});

describe('the tracking URI', () => {
  test('is sqlite:///mlflow.db, unless the environment or the program says else', () => {
    expect(settings.getTrackingUri()).toBe('sqlite:///mlflow.db');
    expect(settings.currentStore().journalFolder).toBe(path.resolve('.autolog', 'mlflow.db'));
    process.env.MLFLOW_TRACKING_URI = 'sqlite:///env.db';
    expect(settings.getTrackingUri()).toBe('sqlite:///env.db');
    settings.setTrackingUri('sqlite:///set.db');
    process.env.MLFLOW_TRACKING_URI = 'sqlite:///env.db';
    expect(settings.getTrackingUri()).toBe('sqlite:///set.db');
  });

  test('that is set is inherited by child processes', () => {
    settings.setTrackingUri('sqlite:///set.db');
    expect(process.env.MLFLOW_TRACKING_URI).toBe('sqlite:///set.db');
  });

  test('that names no store is refused, and the old one stays', () => {
    expect(() => settings.setTrackingUri('gopher://x')).toThrow(
      expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' }),
    );
    expect(settings.getTrackingUri()).toBe('sqlite:///mlflow.db');
  });
});

test('whether a tracking URI is set is told of the program and the environment', () => {
  expect(settings.isTrackingUriSet()).toBe(false);
  process.env.MLFLOW_TRACKING_URI = 'sqlite:///env.db';
  expect(settings.isTrackingUriSet()).toBe(true);
  delete process.env.MLFLOW_TRACKING_URI;
  settings.setTrackingUri('https://user:secret@host.example');
  expect(settings.isTrackingUriSet()).toBe(true);
  expect(settings.currentStore().uri).not.toContain('secret');
});

describe('the experiment', () => {
  test('is Default, unless the environment or the program says else', () => {
    const store = settings.currentStore();
    expect(settings.currentExperiment(store)).toEqual({ id: '0' });
    process.env.MLFLOW_EXPERIMENT_ID = '5';
    expect(settings.currentExperiment(store)).toEqual({ id: '5' });
    delete process.env.MLFLOW_EXPERIMENT_ID;
    process.env.MLFLOW_EXPERIMENT_NAME = 'named';
    expect(settings.currentExperiment(store)).toEqual({ name: 'named' });
    expect(settings.setExperiment('set')).toEqual({ name: 'set' });
    expect(settings.currentExperiment(store)).toEqual({ name: 'set' });
  });

  test('that is set is inherited by child processes', () => {
    process.env.MLFLOW_EXPERIMENT_ID = '5';
    settings.setExperiment('set');
    expect([process.env.MLFLOW_EXPERIMENT_NAME, process.env.MLFLOW_EXPERIMENT_ID]).toEqual(['set', undefined]);
    settings.setExperiment({ id: '0' });
    expect([process.env.MLFLOW_EXPERIMENT_NAME, process.env.MLFLOW_EXPERIMENT_ID]).toEqual([undefined, '0']);
  });

  test('that two variables name differently is refused', async () => {
    const store = settings.currentStore();
    const id = await store.createExperiment('two names');
    Object.assign(process.env, { MLFLOW_EXPERIMENT_NAME: 'two names', MLFLOW_EXPERIMENT_ID: id });
    expect(settings.currentExperiment(store)).toEqual({ name: 'two names' });
    process.env.MLFLOW_EXPERIMENT_ID = '0';
    expect(() => settings.currentExperiment(store)).toThrow(/unset one of them/);
  });

  test('that is deleted, unknown or badly named is refused', async () => {
    const store = settings.currentStore();
    const id = await store.createExperiment('deleted');
    await store.deleteExperiment(id);
    const invalid = expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' });
    expect(() => settings.setExperiment('deleted')).toThrow(invalid);
    expect(() => settings.setExperiment({ id })).toThrow(invalid);
    expect(() => settings.setExperiment('')).toThrow(invalid);
    expect(() => settings.setExperiment({ id: 'x' })).toThrow(invalid);
    expect(() => settings.setExperiment({ id: '999' })).toThrow(
      expect.objectContaining({ code: 'RESOURCE_DOES_NOT_EXIST' }),
    );
    expect(settings.chosenExperiment()).toBeUndefined();
  });
});
