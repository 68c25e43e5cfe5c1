import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { clientOf, runProgram, temporaryFolder } from './surroundings.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

const GREETER = `
const definition = {
  packages: { greeter: '*' },
  patches: [
    { target: 'greet', span: { name: 'greet', type: 'TOOL' } },
    { target: 'train', training: { subject: ({ args }) => args[0], end: () => ({ metrics: { m: 1 } }) } },
  ],
};
const greeter = { greet: (name) => 'hello ' + name, train: (model) => model };
`;

describe('autolog()', () => {
  test('called a thousand times, on and off, patches once and grows nothing', async () => {
    const { folder, stdout, stderr } = await runProgram(`${GREETER}
import fs from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
const own = autologgingIntegration('greeter', definition);
const { greet } = greeter;
const count = async () => {
  await new Promise((turn) => setTimeout(turn, 10));
  gc();
  const listeners = process.eventNames().map((name) => process.listenerCount(name));
  return {
    heap: process.memoryUsage().heapUsed,
    descriptors: fs.existsSync('/proc/self/fd') ? fs.readdirSync('/proc/self/fd').length : 0,
    listeners: listeners.reduce((sum, each) => sum + each, 0),
  };
};
const repeat = () => {
  for (let i = 0; i < 1000; i++) {
    autolog.autolog({ modules: { greeter } });
    if (i % 3 === 0) autolog.autolog({ disable: true });
    if (i % 5 === 0) own({ disable: i % 2 === 0 });
    if (i % 7 === 0) autolog.resetAutolog();
  }
  autolog.resetAutolog();
  autolog.autolog({ modules: { greeter } });
};
repeat();
greeter.greet('a');
await autolog.flush();
const before = await count();
repeat();
const after = await count();
greeter.greet('b');
autolog.autolog({ disable: true });
console.log(JSON.stringify({ before, after, isRestored: greeter.greet === greet }));
`);
    expect(stderr).toMatch(/^autolog: autolog\(\{ disable: true \}\) leaves greeter on, [^\n]+\n$/);
    const { before, after, isRestored } = JSON.parse(stdout);
    expect(isRestored).toBe(true);
    expect([after.descriptors, after.listeners]).toEqual([before.descriptors, before.listeners]);
    expect(after.heap - before.heap).toBeLessThan(1_000_000);
    expect((await clientOf(folder).searchTraces({ experimentIds: ['0'] })).items).toHaveLength(2);
  });

  test('in a worker thread records there, beside the main thread', async () => {
    const { folder, stdout, stderr } = await runProgram(`${GREETER}
import { once } from 'node:events';
import { isMainThread, Worker } from 'node:worker_threads';
autologgingIntegration('greeter', definition);
autolog.autolog({ modules: { greeter } });
greeter.greet(isMainThread ? 'main' : 'worker');
greeter.train({});
if (isMainThread) {
  await once(new Worker(import.meta.filename), 'exit');
  greeter.greet('main again');
}
console.log(isMainThread);
`);
    expect([stdout, stderr]).toEqual(['false\ntrue\n', '']);
    const client = clientOf(folder);
    const traces = (await client.searchTraces({ experimentIds: ['0'] })).items;
    expect(traces.map(({ requestPreview }) => requestPreview).sort()).toEqual([
      '"main again"',
      '"main"',
      '"worker"',
    ]);
    expect((await client.searchRuns({ experimentIds: ['0'] })).items.map(({ info }) => info.status)).toEqual([
      'FINISHED',
      'FINISHED',
    ]);
  });
});

test('two copies of this package in one process record each call once', async () => {
  const copy = temporaryFolder();
  for (const part of ['src', 'integrations', 'package.json']) {
    fs.cpSync(path.join(ROOT, part), path.join(copy, part), { recursive: true });
  }
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'), 'dir');
  const url = (file: string) => pathToFileURL(path.join(copy, 'src', file)).href;
  const { folder, stdout, stderr } = await runProgram(`${GREETER}
const other = { ...(await import('${url('index.ts')}')), ...(await import('${url('integration.ts')}')) };
console.log(other.autolog !== autolog.autolog);
autologgingIntegration('greeter', definition);
other.autologgingIntegration('greeter', definition);
const { greet } = greeter;
autolog.autolog({ modules: { greeter } });
other.autolog({ modules: { greeter } });
console.log(greeter.greet('both'));
greeter.train({});
autolog.autolog({ disable: true });
console.log(greeter.greet('other'));
other.autolog({ disable: true });
console.log(greeter.greet === greet);
`);
  expect([stdout, stderr]).toEqual(['true\nhello both\nhello other\ntrue\n', '']);
  const client = clientOf(folder);
  expect(
    (await client.searchTraces({ experimentIds: ['0'] })).items.map(({ requestPreview }) => requestPreview).sort(),
  ).toEqual(['"both"', '"other"']);
  expect((await client.searchRuns({ experimentIds: ['0'] })).items).toHaveLength(1);
});
