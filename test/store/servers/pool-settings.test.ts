import { expect, test } from 'vitest';
import { loadDriver } from '../../../src/store/sql/server/load-driver.ts';
import { readPoolSettings } from '../../../src/store/sql/server/pool-settings.ts';
import { onEachServer, openStore } from './on-each-server.ts';

const DEFAULT = { maxConnections: 15, idleConnections: 5, recycleSeconds: null, isEchoed: false };

test.each([
  [{}, DEFAULT],
  [{ POOL_SIZE: '', MAX_OVERFLOW: '0', POOL_RECYCLE: '0', ECHO: 'False' }, DEFAULT],
  [
    { POOL_SIZE: '10', MAX_OVERFLOW: '30' },
    { ...DEFAULT, maxConnections: 40, idleConnections: 10 },
  ],
  [{ MAX_OVERFLOW: '-1' }, { ...DEFAULT, maxConnections: 100 }],
  [
    { POOL_RECYCLE: '3600', ECHO: 'true' },
    { ...DEFAULT, recycleSeconds: 3600, isEchoed: true },
  ],
  [{ POOLCLASS: 'NullPool' }, { ...DEFAULT, idleConnections: 0 }],
  [{ POOLCLASS: 'StaticPool' }, { ...DEFAULT, maxConnections: 1, idleConnections: 1 }],
])('the variables %j make a pool of %j', (variables, expected) => {
  const env = Object.entries(variables).map(([name, value]) => [`MLFLOW_SQLALCHEMYSTORE_${name}`, value]);
  expect(readPoolSettings(Object.fromEntries(env))).toEqual(expected);
});

test.each([
  ['POOL_SIZE', 'many', /MLFLOW_SQLALCHEMYSTORE_POOL_SIZE: 'many' is no integer/],
  ['ECHO', 'loud', /MLFLOW_SQLALCHEMYSTORE_ECHO: 'loud' is neither true nor false/],
  ['POOLCLASS', 'SwimmingPool', /'SwimmingPool' is no pool class; leave it out or set one of QueuePool, /],
])('%s=%s is refused', (name, value, message) => {
  expect(() => readPoolSettings({ [`MLFLOW_SQLALCHEMYSTORE_${name}`]: value })).toThrow(message);
});

test('a driver that is not installed is named, with the command that installs it', () => {
  expect(() => loadDriver('nobody-has-this-driver', 'postgresql://db/mlflow')).toThrow(
    expect.objectContaining({
      code: 'INVALID_STATE',
      message:
        "Cannot use the database 'postgresql://db/mlflow': the package nobody-has-this-driver is not installed; run `npm install nobody-has-this-driver`.",
    }),
  );
});

onEachServer('a pool', (server) => {
  test.each(['NullPool', 'StaticPool'])('of the class %s serves many at once', async (poolClass) => {
    process.env.MLFLOW_SQLALCHEMYSTORE_POOLCLASS = poolClass;
    try {
      const store = openStore(await server.createDatabase());
      const names = Array.from({ length: 12 }, (_, index) => `experiment ${index}`);
      const ids = await Promise.all(names.map((name) => store.createExperiment(name)));
      expect(new Set(ids).size).toBe(12);
    } finally {
      delete process.env.MLFLOW_SQLALCHEMYSTORE_POOLCLASS;
    }
  });

  test('refuses an option that it does not know, since it might be about security', async () => {
    const store = openStore(`${await server.createDatabase()}?sslmood=verify-full`);
    await expect(store.getExperiment('0')).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
      message: expect.stringMatching(/its option 'sslmood' is unknown; leave it out, or use one of /),
    });
  });
});
