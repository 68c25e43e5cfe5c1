import { clearTimeout, setTimeout } from 'node:timers';
import { nowMs } from '../../clock.ts';
import { reportFailure } from '../../failures.ts';
import type { ActiveRun } from '../runs/active-run.ts';
import { GpuSampler } from './gpu-sampler.ts';
import { MachineSampler } from './machine-sampler.ts';
import { NetworkSampler } from './network-sampler.ts';
import { ProcessSampler } from './process-sampler.ts';
import type { Sample, Sampler } from './sampler.ts';
import type { SystemMetricsSettings } from './settings.ts';
import type { WatchSystemOptions } from './watch-system.ts';

/** Keys whose last sample counts, as they sum up the time since the run began. */
const TOTALS: ReadonlySet<string> = new Set(['network_receive_megabytes', 'network_transmit_megabytes']);

/**
 * Samples again and again, and logs the means to a run until it ends.
 *
 * Source: mlflow/system_metrics/system_metrics_monitor.py, read at 3.17.2.
 */
export class SystemMonitor {
  readonly #run: ActiveRun;
  readonly #settings: SystemMetricsSettings;
  readonly #samplers: readonly Sampler[];
  #samples: Sample[] = [];
  #step = 0;
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  constructor(run: ActiveRun, settings: SystemMetricsSettings) {
    this.#run = run;
    this.#settings = settings;
    this.#samplers = [new MachineSampler(), new NetworkSampler(), new GpuSampler(), new ProcessSampler()];
  }

  /** Begins; of a run that has system metrics, at the step after the last one. */
  async start({ isResumed }: WatchSystemOptions): Promise<void> {
    this.#run.whenEnded(() => this.#stop());
    try {
      if (isResumed) this.#step = await this.#nextStep();
      // What is measured between two moments needs a first one.
      await this.#sample();
    } catch (error) {
      reportFailure('logging system metrics', error);
    }
    if (!this.#isStopped) this.#schedule();
  }

  #schedule(): void {
    // Fails only in test mode, where failures are thrown.
    this.#timer = setTimeout(() => void this.#tick(), this.#settings.intervalMs).unref();
  }

  async #tick(): Promise<void> {
    try {
      this.#samples.push(await this.#sample());
      if (this.#samples.length >= this.#settings.sampleCount) this.#log();
    } catch (error) {
      reportFailure('logging system metrics', error);
    }
    if (!this.#isStopped) this.#schedule();
  }

  async #sample(): Promise<Sample> {
    const samples = await Promise.all(this.#samplers.map((sampler) => sampler.sample()));
    return Object.assign({}, ...samples);
  }

  /** All keys at one moment, so that they are found together. */
  #log(): void {
    const samples = this.#samples;
    this.#samples = [];
    // The run may have ended while the samples were taken.
    if (this.#isStopped) return;
    const timestamp = nowMs();
    for (const [key, value] of Object.entries(summarize(samples))) {
      const point = { key: `${this.#settings.prefix}${key}`, value, timestamp, step: this.#step };
      this.#run.writer.append({ op: 'metric', runId: this.#run.runId, ...point });
    }
    this.#step += 1;
  }

  async #nextStep(): Promise<number> {
    const { writer, runId } = this.#run;
    await writer.flush();
    const { metrics } = await writer.store.getRun(runId);
    const steps = Object.values(metrics).flatMap(({ key, step }) => (key.startsWith('system/') ? [step] : []));
    return Math.max(-1, ...steps) + 1;
  }

  #stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const sampler of this.#samplers) sampler.close?.();
  }
}

/** The mean of each key, to one decimal; of totals the last. */
function summarize(samples: readonly Sample[]): Sample {
  const keys = new Set(samples.flatMap((sample) => Object.keys(sample)));
  return Object.fromEntries(Array.from(keys, (key) => [key, summarizeKey(key, samples)]));
}

function summarizeKey(key: string, samples: readonly Sample[]): number {
  const values = samples.flatMap((sample) => sample[key] ?? []);
  if (TOTALS.has(key)) return values.at(-1) ?? 0;
  return Math.round((10 * values.reduce((sum, value) => sum + value, 0)) / values.length) / 10;
}
