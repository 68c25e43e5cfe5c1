import { mock } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { resetIntegrations } from '../../src/autologging/registry.ts';
import { inMicrotask } from '../../src/clock.ts';
import { MlflowClient } from '../../src/tracking/client.ts';
import { withRun } from '../../src/tracking/fluent/runs.ts';
import { setTrackingUri } from '../../src/tracking/settings.ts';
import { makeFixture, span } from '../autologging/greeter.ts';
import { recordTraces } from '../support/record-traces.ts';

const toFake = [
  'Date',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'performance',
  'hrtime',
  'queueMicrotask',
] as const;

/** Each stands at 1 January 2000 and runs nothing. */
const clocks: readonly (readonly [name: string, start: () => void])[] = [
  ['vitest', () => vi.useFakeTimers({ toFake: [...toFake], now: 946_684_800_000 })],
  [
    'node:test',
    () =>
      mock.timers.enable({ apis: ['Date', 'setTimeout', 'setInterval', 'setImmediate'], now: 946_684_800_000 }),
  ],
];

afterEach(() => {
  vi.useRealTimers();
  mock.timers.reset();
  resetIntegrations();
});

it.each(clocks)('calls are recorded, with real times, while the clock of %s stands still', async (_, start) => {
  const recorded = recordTraces();
  const { load, autolog } = makeFixture([{ target: 'Greeter.prototype.greetLater', span }]);
  autolog();
  const greeter = new (load().Greeter)();
  const realMs = Date.now();
  start();
  expect(Date.now()).toBe(946_684_800_000);
  const promise = greeter.greetLater('Ann');
  await sleep(5);
  expect(await promise).toBe('Hello, Ann');
  const { startTimeUnixNano, endTimeUnixNano } = recorded.span('greet');
  expect(Number(startTimeUnixNano) / 1e6).toBeGreaterThanOrEqual(realMs);
  expect(Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano))).toBeGreaterThan(1_000_000);
  await new Promise<void>(inMicrotask);
});

it.each(clocks)('runs are stored, with real times, while the clock of %s stands still', async (name, start) => {
  setTrackingUri(`sqlite:///clock-${name.replace(':', '-')}.db`);
  const client = new MlflowClient();
  const realMs = Date.now();
  start();
  withRun((run) => run.logMetric('loss', 1));
  const [run] = (await client.searchRuns({ experimentIds: ['0'] })).items;
  expect(run?.info.status).toBe('FINISHED');
  expect(run?.info.startTime).toBeGreaterThanOrEqual(realMs);
  expect(run?.info.endTime).toBeGreaterThanOrEqual(realMs);
});
