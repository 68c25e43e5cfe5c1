import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { AutologError } from '../../../src/errors.ts';
import { StoreError } from '../../../src/store/sql/store-error.ts';
import { createRun, journalOf, metric, RUN } from '../records.ts';
import { onEachServer, openStore } from './on-each-server.ts';

onEachServer('a connection', (server) => {
  test('is made again after the server was killed; what is delivered meanwhile is stored then', {
    timeout: 60_000,
  }, async () => {
    const own = await server.startOwn();
    try {
      const store = openStore(await own.createDatabase());
      const records = [createRun(), metric(0, 1)];
      expect(await store.deliver(journalOf(records, 'one'))).toEqual([]);
      await own.kill();
      const more = journalOf([...records, metric(1, 2)], 'one');
      await expect(Promise.resolve(store.deliver(more, { patienceMs: 500 }))).rejects.toMatchObject({
        code: 'TEMPORARILY_UNAVAILABLE',
      });
      await own.start();
      expect(await store.deliver(more, { patienceMs: 20_000 })).toEqual([]);
      expect((await store.getRun(RUN)).metrics.loss).toMatchObject({ value: 2, step: 1 });
      await store.close();
    } finally {
      await own.remove();
    }
  });

  test('that broke while nobody used it is made again for the next read', { timeout: 60_000 }, async () => {
    const own = await server.startOwn();
    try {
      const store = openStore(await own.createDatabase());
      await Promise.all(['a', 'b', 'c'].map((name) => store.createExperiment(name)));
      await own.kill();
      await own.start();
      expect((await store.getExperiment('0')).name).toBe('Default');
      await store.close();
    } finally {
      await own.remove();
    }
  });

  test('to a server that falls silent is left, and made again when it answers', { timeout: 60_000 }, async () => {
    const uri = await server.createDatabase();
    const proxy = await startProxy(Number(new URL(uri).port));
    const store = openStore(uri.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${proxy.port}`));
    const records = [createRun(), metric(0, 1)];
    await store.deliver(journalOf(records, 'one'));
    proxy.silence();
    const more = journalOf([...records, metric(1, 2)], 'one');
    await expect(Promise.resolve(store.deliver(more, { patienceMs: 100 }))).rejects.toMatchObject({
      code: 'TEMPORARILY_UNAVAILABLE',
      message: expect.stringMatching(/it has stopped answering/),
    });
    // Now as it is for one that connects first.
    await expect(Promise.resolve(store.deliver(more, { patienceMs: 100 }))).rejects.toMatchObject({
      code: 'TEMPORARILY_UNAVAILABLE',
    });
    proxy.speak();
    expect(await store.deliver(more)).toEqual([]);
    expect((await store.getRun(RUN)).metrics.loss).toMatchObject({ value: 2, step: 1 });
  });

  test('with a wrong password is refused in one sentence that holds no secret', async () => {
    const uri = (await server.createDatabase()).replace(/:[^:@]*@/, ':hunter2@');
    const error = await refusalOf(uri);
    expect(error.code).toBe('UNAUTHENTICATED');
    expect(error.message).toMatch(/^Cannot use the database '[^']*': it refuses the user .* in the URI\.$/);
    expect(`${inspect(error, { depth: 9 })}${openStore(uri).uri}${openStore(uri).journalFolder}`).not.toContain(
      'hunter2',
    );
  });

  test('to a database that is not there is refused', async () => {
    const uri = (await server.createDatabase()).replace(/[^/]*$/, 'nobody_made_this');
    expect(await refusalOf(uri)).toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
  });

  test('to an unknown host is refused at once', async () => {
    const uri = (await server.createDatabase()).replace('127.0.0.1', 'nobody.invalid');
    const error = await refusalOf(uri);
    expect(error.code).toBe('TEMPORARILY_UNAVAILABLE');
    expect(error.message).toMatch(/^Cannot use the database '[^']*nobody\.invalid[^']*': its host .*\.$/);
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret');
  });

  test('to a port where nobody listens is given up after the patience of the caller', async () => {
    const uri = (await server.createDatabase()).replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1');
    const delivery = openStore(uri).deliver(journalOf([createRun()]), { patienceMs: 1000 });
    await expect(Promise.resolve(delivery)).rejects.toMatchObject({
      code: 'TEMPORARILY_UNAVAILABLE',
      message: expect.stringMatching(/nobody listens on that host and port/),
    });
  });

  test('waits for another transaction’s lock as long as the caller has patience', async () => {
    const uri = await server.createDatabase();
    const store = openStore(uri);
    await store.deliver(journalOf([createRun()], 'one'));
    const holding = server.ask(uri, HOLDING[uri.startsWith('postgresql') ? 'postgresql' : 'mysql']);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const delivery = store.deliver(journalOf([createRun(), metric(0, 1)], 'one'), { patienceMs: 1000 });
    await expect(Promise.resolve(delivery)).rejects.toMatchObject({
      code: 'TEMPORARILY_UNAVAILABLE',
      fault: 'busy',
    });
    await holding;
    expect(await store.deliver(journalOf([createRun(), metric(0, 1)], 'one'))).toEqual([]);
  });
});

/** Stands between a client and a server, and passes nothing on while it is silent. */
async function startProxy(to: number): Promise<{ port: number; silence(): void; speak(): void }> {
  let isSilent = false;
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(to, '127.0.0.1');
    for (const [from, other] of [[client, server] as const, [server, client] as const]) {
      sockets.add(from);
      from.on('data', (data) => isSilent || other.write(data));
      from.on('error', () => other.destroy());
      from.on('close', () => other.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const address = proxy.address() as AddressInfo;
  return {
    port: address.port,
    silence: () => {
      isSilent = true;
    },
    speak: () => {
      isSilent = false;
    },
  };
}

/** Holds the row of the journal for four seconds. */
const HOLDING = {
  postgresql: `DO $$ BEGIN UPDATE autolog_journals SET position = position; PERFORM pg_sleep(4); END $$`,
  mysql: 'UPDATE autolog_journals SET position = position + SLEEP(4)',
};

async function refusalOf(uri: string): Promise<AutologError> {
  const error: unknown = await openStore(uri)
    .getExperiment('0')
    .then(
      () => 'was not refused',
      (thrown) => thrown,
    );
  expect(error).toBeInstanceOf(StoreError);
  return error as AutologError;
}
