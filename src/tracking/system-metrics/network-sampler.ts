import fs from 'node:fs/promises';
import { type Sample, type Sampler, toMegabytes } from './sampler.ts';

/** Bytes that went over all interfaces since the machine began. */
interface Traffic {
  readonly received: number;
  readonly transmitted: number;
}

/**
 * Measures the traffic of the machine since the first sample.
 *
 * Source: mlflow/system_metrics/metrics/network_monitor.py, read at 3.17.2.
 */
export class NetworkSampler implements Sampler {
  #first: Traffic | undefined;

  async sample(): Promise<Sample> {
    const now = process.platform === 'linux' ? await readProc() : await askSystem();
    this.#first ??= now;
    return {
      network_receive_megabytes: toMegabytes(now.received - this.#first.received),
      network_transmit_megabytes: toMegabytes(now.transmitted - this.#first.transmitted),
    };
  }
}

/** Read here, as systeminformation starts a shell for it. */
async function readProc(): Promise<Traffic> {
  const lines = (await fs.readFile('/proc/net/dev', 'utf8')).split('\n').filter((line) => line.includes(':'));
  const columns = lines.map((line) =>
    line
      .slice(line.indexOf(':') + 1)
      .trim()
      .split(/\s+/)
      .map(Number),
  );
  return sum(columns.map((numbers) => ({ received: numbers[0] ?? 0, transmitted: numbers[8] ?? 0 })));
}

async function askSystem(): Promise<Traffic> {
  const { networkStats } = await import('systeminformation');
  const stats = await networkStats('*');
  return sum(stats.map((it) => ({ received: it.rx_bytes, transmitted: it.tx_bytes })));
}

function sum(parts: readonly Traffic[]): Traffic {
  return parts.reduce(
    (all, { received, transmitted }) => ({
      received: all.received + received,
      transmitted: all.transmitted + transmitted,
    }),
    { received: 0, transmitted: 0 },
  );
}
