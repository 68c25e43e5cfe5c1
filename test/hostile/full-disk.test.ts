import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  autolog,
  endRun,
  flush,
  MlflowClient,
  resetAutolog,
  setTrackingUri,
  withoutAutolog,
} from '../../src/index.ts';
import { autologgingIntegration } from '../../src/integration.ts';
import { createRequirement } from '../support/requirements.ts';
import { databaseIn, temporaryFolder, watchStderr } from './surroundings.ts';

const smallDisk = createRequirement(!canMount(), 'only root on Linux can mount a small disk', false);

autologgingIntegration('trainer', {
  packages: { trainer: '*' },
  patches: [
    {
      target: 'train',
      training: {
        subject: ({ args }) => args[0] as object,
        begin: (_call, _config, training) => {
          step = (epoch, loss) => training.note({ metrics: { loss } }, { step: epoch });
          return { params: { rate: 0.1 } };
        },
      },
    },
    { target: 'ask', span: { name: 'ask', type: 'LLM' } },
  ],
});

let step: (epoch: number, loss: number) => void = () => undefined;

const library = {
  async train(model: { weight: number }, epochs: number): Promise<number> {
    for (let epoch = 0; epoch < epochs; epoch++) {
      model.weight = (model.weight * 7 + 3) % 101;
      step(epoch, model.weight);
      if (epoch % 500 === 0) await sleep(1);
    }
    return model.weight;
  },
  ask: (question: string): string => `${question}? 42`,
};

afterEach(() => {
  endRun();
  resetAutolog();
});

describe.skipIf(smallDisk.isMissing)(smallDisk.title('a disk that becomes full'), () => {
  test('amid training and traces changes no result, is told once, and takes the rest when there is room', async () => {
    const folder = mountSmallDisk();
    const stderr = watchStderr();
    setTrackingUri(`sqlite:///${databaseIn(folder)}`);
    autolog({ modules: { trainer: library } });
    library.ask('before');
    await library.train({ weight: 1 }, 10);
    await flush();
    const fill = path.join(folder, 'ballast');
    fillUp(fill);

    step = () => undefined;
    const expected = await withoutAutolog(() => library.train({ weight: 1 }, 3000));
    expect(await library.train({ weight: 1 }, 3000)).toBe(expected);
    expect(library.ask('meanwhile')).toBe('meanwhile? 42');
    await expect(flush()).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    await sleep(1200);
    expect(stderr.text.trim().split('\n')).toEqual([
      expect.stringMatching(/full; make room|full; free some space/),
    ]);

    fs.rmSync(fill);
    library.ask('after');
    const client = new MlflowClient();
    const runs = (await client.searchRuns({ experimentIds: ['0'] })).items;
    expect(runs.map(({ info }) => info.status)).toEqual(['FINISHED', 'FINISHED']);
    const histories = await Promise.all(runs.map(({ info }) => client.getMetricHistory(info.runId, 'loss')));
    expect(histories.map(({ length }) => length).sort()).toEqual([10, 3000]);
    const traces = (await client.searchTraces({ experimentIds: ['0'] })).items;
    expect(traces.map(({ requestPreview }) => requestPreview).sort()).toEqual([
      '"after"',
      '"before"',
      '"meanwhile"',
    ]);
  });
});

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const folder = temporaryFolder();
  if (mount(folder).status !== 0) return false;
  return spawnSync('umount', [folder]).status === 0;
}

function mount(folder: string) {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder]);
}

function mountSmallDisk(): string {
  const folder = temporaryFolder();
  expect(mount(folder).status).toBe(0);
  onTestFinished(() => {
    spawnSync('umount', ['--lazy', folder]);
  });
  return folder;
}

function fillUp(file: string): void {
  for (const size of [64 * 1024, 4096, 1]) {
    try {
      for (;;) fs.appendFileSync(file, Buffer.alloc(size));
    } catch {
      // ENOSPC: the disk is full, as it is meant to be.
    }
  }
}
