import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { type Sample, type Sampler, toMegabytes } from './sampler.ts';

const RESOLUTION_MS = 20;

/** Measures the process and its event loop, under keys of our own: MLflow has none for them. */
export class ProcessSampler implements Sampler {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #cpu = process.cpuUsage();
  #atMs = performance.now();
  #utilization = performance.eventLoopUtilization();

  constructor() {
    this.#delay.enable();
  }

  sample(): Sample {
    const { rss, heapUsed } = process.memoryUsage();
    return {
      process_memory_usage_megabytes: toMegabytes(rss),
      process_heap_usage_megabytes: toMegabytes(heapUsed),
      ...this.#sampleCpu(),
      ...this.#sampleEventLoop(),
    };
  }

  close(): void {
    this.#delay.disable();
  }

  /** Of one core: 250 when two and a half were busy. */
  #sampleCpu(): Sample {
    const cpu = process.cpuUsage();
    const atMs = performance.now();
    const busyMs = (cpu.user + cpu.system - this.#cpu.user - this.#cpu.system) / 1000;
    const passedMs = atMs - this.#atMs;
    this.#cpu = cpu;
    this.#atMs = atMs;
    return passedMs > 0 ? { process_cpu_utilization_percentage: (100 * busyMs) / passedMs } : {};
  }

  #sampleEventLoop(): Sample {
    const utilization = performance.eventLoopUtilization();
    const { utilization: share } = performance.eventLoopUtilization(utilization, this.#utilization);
    this.#utilization = utilization;
    const { count, mean, max } = this.#delay;
    this.#delay.reset();
    const busy = { event_loop_utilization_percentage: 100 * share };
    if (count === 0) return busy;
    return {
      ...busy,
      event_loop_lag_milliseconds: toLag(mean),
      event_loop_lag_max_milliseconds: toLag(max),
    };
  }
}

/** The histogram holds nanoseconds from one turn to the next, the pause that was asked for among them. */
function toLag(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
}
