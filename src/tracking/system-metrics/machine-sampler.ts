import fs from 'node:fs/promises';
import os from 'node:os';
import { parse } from 'node:path';
import { type Sample, type Sampler, toMegabytes } from './sampler.ts';

/**
 * Measures processor, memory and disk of the machine.
 *
 * Source: mlflow/system_metrics/metrics (cpu_monitor, disk_monitor), read at 3.17.2.
 */
export class MachineSampler implements Sampler {
  #before = cpuTimes();

  async sample(): Promise<Sample> {
    return { ...this.#sampleCpu(), ...sampleMemory(), ...(await sampleDisk()) };
  }

  /** Since the sample before; nothing where no time has passed. */
  #sampleCpu(): Sample {
    const now = cpuTimes();
    const totalMs = now.totalMs - this.#before.totalMs;
    const busyMs = totalMs - (now.idleMs - this.#before.idleMs);
    this.#before = now;
    return totalMs > 0 ? { cpu_utilization_percentage: (100 * busyMs) / totalMs } : {};
  }
}

function cpuTimes(): { readonly totalMs: number; readonly idleMs: number } {
  let totalMs = 0;
  let idleMs = 0;
  for (const { times } of os.cpus()) {
    totalMs += times.user + times.nice + times.sys + times.idle + times.irq;
    idleMs += times.idle;
  }
  return { totalMs, idleMs };
}

function sampleMemory(): Sample {
  const total = os.totalmem();
  const used = total - os.freemem();
  return {
    system_memory_usage_megabytes: toMegabytes(used),
    system_memory_usage_percentage: (100 * used) / total,
  };
}

/** As psutil has it: what is kept for the superuser is neither used nor available. */
async function sampleDisk(): Promise<Sample> {
  const { blocks, bfree, bavail, bsize } = await fs.statfs(parse(process.cwd()).root);
  const used = (blocks - bfree) * bsize;
  const available = bavail * bsize;
  return {
    disk_usage_percentage: (100 * used) / (used + available || 1),
    disk_usage_megabytes: toMegabytes(used),
    disk_available_megabytes: toMegabytes(available),
  };
}
