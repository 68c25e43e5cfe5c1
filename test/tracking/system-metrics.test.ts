import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MlflowClient } from '../../src/tracking/client.ts';
import { shutdown } from '../../src/tracking/delivery/writers.ts';
import { endRun, startRun } from '../../src/tracking/fluent/runs.ts';
import { setTrackingUri } from '../../src/tracking/settings.ts';
import { GpuSampler, parseGpus } from '../../src/tracking/system-metrics/gpu-sampler.ts';
import { MachineSampler } from '../../src/tracking/system-metrics/machine-sampler.ts';
import { NetworkSampler } from '../../src/tracking/system-metrics/network-sampler.ts';
import {
  disableSystemMetricsLogging,
  enableSystemMetricsLogging,
  isSystemMetricsLogging,
  setSystemMetricsNodeId,
  setSystemMetricsSamplesBeforeLogging,
  setSystemMetricsSamplingInterval,
  systemMetricsSettings,
} from '../../src/tracking/system-metrics/settings.ts';
import { temporaryFolder } from './temporary-store.ts';

/** Keys of MLflow on a machine without a GPU. */
const MLFLOW_KEYS = [
  'cpu_utilization_percentage',
  'disk_available_megabytes',
  'disk_usage_megabytes',
  'disk_usage_percentage',
  'network_receive_megabytes',
  'network_transmit_megabytes',
  'system_memory_usage_megabytes',
  'system_memory_usage_percentage',
];

const OWN_KEYS = [
  'event_loop_lag_max_milliseconds',
  'event_loop_lag_milliseconds',
  'event_loop_utilization_percentage',
  'process_cpu_utilization_percentage',
  'process_heap_usage_megabytes',
  'process_memory_usage_megabytes',
];

let client: MlflowClient;

beforeEach(() => {
  setTrackingUri(`sqlite:///${path.join(temporaryFolder(), 'mlflow.db')}`);
  client = new MlflowClient();
  setSystemMetricsSamplingInterval(0.05);
});

afterEach(async () => {
  await shutdown();
  setTrackingUri('sqlite:///mlflow.db');
  for (const name of Object.keys(process.env))
    if (/^MLFLOW_(ENABLE_)?SYSTEM_METRICS/.test(name)) delete process.env[name];
});

/** Waits until a run has so many points of a metric. */
async function pointsOf(runId: string, key: string, count: number) {
  for (;;) {
    const points = await client.getMetricHistory(runId, key);
    if (points.length >= count) return points;
    await sleep(20);
  }
}

async function keysOf(runId: string): Promise<string[]> {
  return Object.keys((await client.getRun(runId)).metrics)
    .filter((key) => !key.includes('gpu_'))
    .sort();
}

describe('a run with system metrics', () => {
  test('has MLflow’s keys and ours, step by step, until it ends', async () => {
    const { runId } = startRun({ logSystemMetrics: true });
    const points = await pointsOf(runId, 'system/cpu_utilization_percentage', 3);
    endRun();
    expect(points.map(({ step }) => step)).toEqual(points.map((_, index) => index));
    expect(await keysOf(runId)).toEqual([...MLFLOW_KEYS, ...OWN_KEYS].map((key) => `system/${key}`).sort());
    const count = (await client.getMetricHistory(runId, 'system/cpu_utilization_percentage')).length;
    await sleep(200);
    expect(await client.getMetricHistory(runId, 'system/cpu_utilization_percentage')).toHaveLength(count);
    for (const { key, value } of Object.values((await client.getRun(runId)).metrics)) {
      expect(value, key).toBeGreaterThanOrEqual(0);
      if (/^system\/(cpu|disk|system|event).*_percentage$/.test(key)) expect(value, key).toBeLessThanOrEqual(100);
    }
  });

  test('that is taken up again goes on at the next step', async () => {
    const { runId } = startRun({ logSystemMetrics: true });
    await pointsOf(runId, 'system/cpu_utilization_percentage', 2);
    endRun();
    const before = await client.getMetricHistory(runId, 'system/cpu_utilization_percentage');
    const run = startRun({ runId, logSystemMetrics: true });
    const points = await pointsOf(runId, 'system/cpu_utilization_percentage', before.length + 1);
    run.end();
    expect(points[before.length]?.step).toBe(before.length);
    run.reopen();
    const more = await pointsOf(runId, 'system/cpu_utilization_percentage', points.length + 2);
    run.end();
    expect(more.map(({ step }) => step)).toEqual(more.map((_, index) => index));
  });

  test('logs the mean of several samples under the name of the node', async () => {
    setSystemMetricsSamplesBeforeLogging(3);
    setSystemMetricsNodeId('node 1');
    const { runId } = startRun({ logSystemMetrics: true });
    const [first] = await pointsOf(runId, 'system/node 1/system_memory_usage_percentage', 1);
    expect(first?.step).toBe(0);
    expect(Math.round(10 * (first?.value ?? 0))).toBe(10 * (first?.value ?? 0));
  });

  test('does not keep the process alive, nor changes its end', async () => {
    const folder = temporaryFolder();
    const source = path.resolve(import.meta.dirname, '../../src/tracking/fluent/runs.ts');
    const file = path.join(folder, 'program.mjs');
    fs.writeFileSync(file, `import { startRun } from '${source}';\nstartRun({ logSystemMetrics: true });`);
    const env = { ...process.env, MLFLOW_TRACKING_URI: '', MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL: '1000' };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], { cwd: folder, env });
    expect([stdout, stderr.replaceAll(/.*(ExperimentalWarning|--trace-warnings).*\n/g, '')]).toEqual(['', '']);
  });
});

test('docs/runs.md lists every key', () => {
  const text = fs.readFileSync(path.join(import.meta.dirname, '../../docs/runs.md'), 'utf8');
  const keys = Array.from(text.matchAll(/`system\/([a-z_]+)`/g), ([, key]) => `${key}`);
  expect(keys.sort()).toEqual([...MLFLOW_KEYS, ...OWN_KEYS].sort());
});

describe('the settings', () => {
  test('are MLflow’s variables, and startRun goes before them', async () => {
    expect(isSystemMetricsLogging()).toBe(false);
    enableSystemMetricsLogging();
    expect(process.env.MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING).toBe('true');
    const { runId } = startRun();
    await pointsOf(runId, 'system/disk_usage_percentage', 1);
    endRun();
    const without = startRun({ logSystemMetrics: false });
    await sleep(200);
    expect(await keysOf(without.runId)).toEqual([]);
    disableSystemMetricsLogging();
    expect(isSystemMetricsLogging()).toBe(false);
  });

  test('fall back to MLflow’s values for what says nothing useful', () => {
    Object.assign(process.env, {
      MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING: 'perhaps',
      MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL: '-1',
      MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING: '1.5',
    });
    expect(isSystemMetricsLogging()).toBe(false);
    expect(systemMetricsSettings()).toEqual({ intervalMs: 10_000, sampleCount: 1, prefix: 'system/' });
    setSystemMetricsSamplingInterval(null);
    setSystemMetricsSamplesBeforeLogging(null);
    setSystemMetricsNodeId(null);
    expect(process.env).not.toHaveProperty('MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL');
    expect(() => setSystemMetricsSamplingInterval(0)).toThrow(/positive number/);
    expect(() => setSystemMetricsSamplesBeforeLogging(0.5)).toThrow(/positive integer/);
  });
});

describe('a sampler', () => {
  test('of the machine sees a busy processor', async () => {
    const sampler = new MachineSampler();
    const until = Date.now() + 300;
    while (Date.now() < until);
    const { cpu_utilization_percentage: busy, system_memory_usage_megabytes: memory } = await sampler.sample();
    expect(busy).toBeGreaterThan(0);
    expect(memory).toBeGreaterThan(10);
  });

  test('of the network counts from its first sample', async () => {
    const sampler = new NetworkSampler();
    expect(await sampler.sample()).toEqual({ network_receive_megabytes: 0, network_transmit_megabytes: 0 });
  });

  test('of GPUs reads what nvidia-smi prints, and leaves out what that does not know', () => {
    expect(parseGpus('0, 1024, 4096, 37, 55.5, 111.00\n1, 0, 8192, [N/A], [Not Supported], 300\n')).toEqual({
      gpu_0_memory_usage_percentage: 25,
      gpu_0_memory_usage_megabytes: 1073.741824,
      gpu_0_utilization_percentage: 37,
      gpu_0_power_usage_watts: 55.5,
      gpu_0_power_usage_percentage: 50,
      gpu_1_memory_usage_percentage: 0,
      gpu_1_memory_usage_megabytes: 0,
    });
  });

  test.skipIf(process.platform === 'win32')(
    'of GPUs asks the nvidia-smi of the path, and once where none is',
    async () => {
      const folder = temporaryFolder();
      const calls = path.join(folder, 'calls');
      const { PATH } = process.env;
      const install = (body: string) =>
        fs.writeFileSync(path.join(folder, 'nvidia-smi'), `#!/bin/sh\necho "$@" >> '${calls}'\n${body}\n`, {
          mode: 0o755,
        });
      try {
        process.env.PATH = `${folder}:${PATH}`;
        install('echo "0, 1, 2, 3, 4, 5"');
        expect(await new GpuSampler().sample()).toMatchObject({ gpu_0_utilization_percentage: 3 });
        expect(fs.readFileSync(calls, 'utf8')).toContain('--format=csv,noheader,nounits');
        install('exit 9');
        const failing = new GpuSampler();
        expect([await failing.sample(), await failing.sample()]).toEqual([{}, {}]);
        expect(fs.readFileSync(calls, 'utf8').trim().split('\n')).toHaveLength(2);
      } finally {
        process.env.PATH = PATH;
      }
    },
  );
});
