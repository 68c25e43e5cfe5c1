import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Sample, type Sampler, toMegabytes } from './sampler.ts';

const run = promisify(execFile);

const FIELDS = ['index', 'memory.used', 'memory.total', 'utilization.gpu', 'power.draw', 'enforced.power.limit'];
const ARGS = [`--query-gpu=${FIELDS.join(',')}`, '--format=csv,noheader,nounits'];
const MEBIBYTE = 1024 * 1024;
const TIMEOUT_MS = 5_000;

/**
 * Measures NVIDIA's GPUs by `nvidia-smi`; where there is none, it is not asked again.
 *
 * Source: mlflow/system_metrics/metrics/gpu_monitor.py, read at 3.17.2.
 */
export class GpuSampler implements Sampler {
  #isMissing = false;

  async sample(): Promise<Sample> {
    if (this.#isMissing) return {};
    try {
      const { stdout } = await run('nvidia-smi', ARGS, { timeout: TIMEOUT_MS, windowsHide: true });
      return parseGpus(stdout);
    } catch {
      // ENOENT where there is none; a driver that does not answer will not do so in ten seconds either.
      this.#isMissing = true;
      return {};
    }
  }
}

/** Reads the lines of `nvidia-smi`, one for each GPU; what it does not know ("[N/A]") is left out. */
export function parseGpus(text: string): Sample {
  const samples = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.split(',').map((cell) => Number.parseFloat(cell)));
  return Object.fromEntries(samples.flatMap((cells) => gpuEntries(cells as GpuCells)));
}

type GpuCells = [index: number, usedMib: number, totalMib: number, load: number, watts: number, limit: number];

function gpuEntries([index, usedMib, totalMib, load, watts, limit]: GpuCells): [string, number][] {
  const entries: [string, number][] = [
    ['memory_usage_percentage', (100 * usedMib) / totalMib],
    ['memory_usage_megabytes', toMegabytes(usedMib * MEBIBYTE)],
    ['utilization_percentage', load],
    ['power_usage_watts', watts],
    ['power_usage_percentage', (100 * watts) / limit],
  ];
  return entries
    .filter(([, value]) => Number.isFinite(value))
    .map(([name, value]) => [`gpu_${index}_${name}`, value]);
}
