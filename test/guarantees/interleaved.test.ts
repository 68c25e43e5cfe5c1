import { AsyncResource } from 'node:async_hooks';
import { EventEmitter, once } from 'node:events';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import '../../src/autologging/connect-tracing.ts';
import { autolog } from '../../src/autologging/autolog.ts';
import type { Patch } from '../../src/autologging/definition.ts';
import { resetIntegrations } from '../../src/autologging/registry.ts';
import { withoutAutolog } from '../../src/autologging/session.ts';
import type { Run } from '../../src/entities/run.ts';
import type { Trace } from '../../src/entities/trace.ts';
import { flush, MlflowClient, setTrackingUri, withRun, withSpan } from '../../src/index.ts';
import { holdStderr } from '../../src/testing/hold-stderr.ts';
import { allPages } from '../../src/tracking/all-pages.ts';
import { makeFixture } from '../autologging/greeter.ts';
import type { Library } from '../support/library-body.js';

const subject = ({ self }: { self: unknown }): object => self as object;

const PATCHES: readonly Patch[] = [
  { target: 'Greeter.prototype.run', span: { name: 'run', type: 'CHAIN' } },
  { target: 'Greeter.prototype.greetLater', span: { name: 'greetLater', type: 'TOOL' } },
  {
    target: 'Greeter.prototype.greet',
    span: { name: 'greet', type: 'TOOL' },
  },
];

const TRAINING: Patch = {
  target: 'Model.prototype.fitWith',
  training: { subject, begin: ({ self }) => ({ params: { trained: (self as { name: string }).name } }) },
};

/** Ways in which a program hands work on to a later turn. */
const WAYS: readonly (readonly [name: string, go: <T>(fn: () => T | Promise<T>) => Promise<T>])[] = [
  [
    'a promise',
    async (fn) => {
      await null;
      return await fn();
    },
  ],
  [
    'a timer',
    async (fn) => {
      await wait(1);
      return await fn();
    },
  ],
  ['setTimeout', (fn) => new Promise((resolve, reject) => void setTimeout(() => resolve(called(fn, reject)), 1))],
  ['setImmediate', (fn) => new Promise((resolve, reject) => void setImmediate(() => resolve(called(fn, reject))))],
  ['queueMicrotask', (fn) => new Promise((resolve, reject) => queueMicrotask(() => resolve(called(fn, reject))))],
  [
    'process.nextTick',
    (fn) => new Promise((resolve, reject) => process.nextTick(() => resolve(called(fn, reject)))),
  ],
  [
    'an event',
    async (fn) => {
      const emitter = new EventEmitter();
      const done = new Promise<Awaited<ReturnType<typeof fn>>>((resolve, reject) => {
        emitter.on('go', () => resolve(called(fn, reject) as never));
      });
      await turn();
      emitter.emit('go');
      return await done;
    },
  ],
  [
    'an event that another task emits',
    async (fn) => {
      const bound = AsyncResource.bind(fn);
      const went = once(bus, 'go');
      setImmediate(() => bus.emit('go'));
      await went;
      return await bound();
    },
  ],
  [
    'an AsyncResource',
    async (fn) => {
      const resource = new AsyncResource('task');
      await turn();
      return await resource.runInAsyncScope(fn);
    },
  ],
  [
    'an async generator',
    async (fn) => {
      const steps = (async function* () {
        await turn();
        yield await fn();
      })();
      return (await steps.next()).value as never;
    },
  ],
];

const bus = new EventEmitter().setMaxListeners(0);

function called<T>(fn: () => T, reject: (error: unknown) => void): T {
  try {
    return fn();
  } catch (error) {
    reject(error);
    throw error;
  }
}

let client: MlflowClient;
let count = 0;

beforeEach(() => {
  count += 1;
  setTrackingUri(`sqlite:///interleaved-${count}.db`);
  client = new MlflowClient();
});

afterEach(resetIntegrations);

/** Three integrations of one library, all on: two see `run`, one of them all that greets, and one what is trained. */
function setUp(): Library {
  const [greets, runs, trains] = [
    makeFixture(PATCHES),
    makeFixture([PATCHES[0] as Patch]),
    makeFixture([TRAINING]),
  ];
  const library = greets.load();
  autolog({ modules: { [runs.name]: library, [trains.name]: library } });
  return library;
}

async function readBack(): Promise<{ runs: readonly Run[]; traces: readonly Trace[] }> {
  await flush();
  const infos = await allPages((pageToken) => client.searchTraces({ experimentIds: ['0'], pageToken }));
  return {
    runs: (await client.searchRuns({ experimentIds: ['0'], maxResults: 1000 })).items,
    traces: await Promise.all(infos.map(({ traceId }) => client.getTrace(traceId))),
  };
}

it('a hundred tasks at once, each going its own way, have their own runs, trainings, spans and parents', async () => {
  const { Greeter, Model } = setUp();
  const greeter = new Greeter();
  const task = (index: number): Promise<string> => {
    const [, go] = WAYS[index % WAYS.length] as (typeof WAYS)[number];
    const id = `task${index}`;
    return withRun({ runName: id }, (run) =>
      go(async () => {
        run.logParam('own', id);
        const model = Object.assign(new Model(), { name: id });
        await withSpan({ name: id }, () =>
          greeter.run(() =>
            go(async () => {
              await model.fitWith(() => go(() => greeter.greet(id)));
              return await go(() => greeter.greetLater(id));
            }),
          ),
        );
        return id;
      }),
    );
  };
  const ids = await Promise.all(Array.from({ length: 100 }, (_, index) => task(index)));
  const { runs, traces } = await readBack();
  expect(runs.map(({ info }) => info.runName).sort()).toEqual([...ids].sort());
  for (const { info, params, tags } of runs) {
    expect(info.status).toBe('FINISHED');
    expect(params).toEqual({ own: info.runName, trained: info.runName });
    expect(tags).not.toHaveProperty('mlflow.autologging');
  }
  const byRunId = new Map(runs.map(({ info }) => [info.runId, info.runName]));
  expect(traces).toHaveLength(100);
  for (const { info, spans } of traces) {
    const id = byRunId.get(info.metadata['mlflow.sourceRun'] ?? '');
    const nameOf = (spanId: string | null) => spans.find((span) => span.spanId === spanId)?.name;
    const lines = spans.map(({ name, parentSpanId, attributes }) => {
      const given = name.startsWith('greet') ? String(attributes['mlflow.spanInputs']) : '';
      return `${nameOf(parentSpanId) ?? ''} > ${name} ${given}`.trim();
    });
    expect(lines.sort()).toEqual(
      [
        `> ${id}`,
        `${id} > run`,
        'run > run',
        `run > greet ${id}`,
        `run > greetLater ${id}`,
        `greetLater > greet ${id}`,
      ].sort(),
    );
  }
});

describe.each(WAYS)('what goes on by %s', (_way, go) => {
  it('is left alone inside withoutAutolog, and nothing beside it', async () => {
    const { Greeter } = setUp();
    const greeter = new Greeter();
    const silent = withoutAutolog(() => go(() => go(() => greeter.greetLater('silent'))));
    const loud = go(() => greeter.greetLater('loud'));
    expect(await Promise.all([silent, loud])).toEqual(['Hello, silent', 'Hello, loud']);
    const { traces } = await readBack();
    const inputs = traces.flatMap(({ spans }) => spans.map(({ attributes }) => attributes['mlflow.spanInputs']));
    expect(inputs).toEqual(['loud', 'loud']);
  });

  it('is not logged where the patch of its own task has failed, and is logged in another', async () => {
    const {
      name,
      load,
      autolog: enable,
    } = makeFixture([
      {
        target: 'Greeter.prototype.run',
        span: {
          name: ({ args }) => {
            if (args.length === 2) throw new Error('not yours');
            return 'run';
          },
          type: 'CHAIN',
        },
      },
      { target: 'Greeter.prototype.greetLater', span: { name: 'greetLater', type: 'TOOL' } },
    ]);
    enable();
    const greeter = new (load().Greeter)() as unknown as {
      run(fn: () => unknown, broken?: true): Promise<unknown>;
      greetLater(name: string): Promise<string>;
    };
    const stderr = holdStderr();
    const broken = greeter.run(() => go(() => greeter.greetLater('broken')), true);
    const sound = greeter.run(() => go(() => greeter.greetLater('sound')));
    expect(await Promise.all([broken, sound])).toEqual(['Hello, broken', 'Hello, sound']);
    stderr.release();
    expect(stderr.text).toBe(`autolog: ${name} Greeter.prototype.run: not yours\n`);
    const { traces } = await readBack();
    expect(traces.map(({ spans }) => spans.map((span) => span.name).sort())).toEqual([['greetLater', 'run']]);
  });

  it('counts as the run that it was begun in, for exclusive', async () => {
    const { name, load } = makeFixture([
      { target: 'Greeter.prototype.greetLater', span: { name: 'greet', type: 'TOOL' } },
    ]);
    const library = load();
    autolog({ exclusive: true, modules: { [name]: library } });
    const greeter = new library.Greeter();
    await Promise.all([
      withRun(() => go(() => greeter.greetLater('in a run'))),
      go(() => greeter.greetLater('in none')),
    ]);
    const { traces } = await readBack();
    expect(traces.map(({ info }) => info.requestPreview)).toEqual(['"in none"']);
  });
});
