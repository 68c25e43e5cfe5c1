import type { Tensor } from './library.ts';

/** What tfjs hands to callbacks: numbers, and scalars that are disposed of after the call. */
export type Logs = Readonly<Record<string, number | Tensor>>;

/** Values of metrics by name. */
export type Metrics = Readonly<Record<string, number>>;

/** Keys of the logs that are no metrics. */
const POSITION = new Set(['batch', 'size']);

/** Reads the logs: at once from host memory, else later through copies, which are disposed of then. */
export function readLogs(logs: Logs, fromHost: boolean): Metrics | Promise<Metrics> {
  if (!fromHost) {
    const entries = Object.entries(logs).filter(([name]) => !POSITION.has(name));
    return Promise.all(entries.map(([name, value]) => readLater(name, value))).then(Object.fromEntries);
  }
  const metrics: Record<string, number> = {};
  for (const name in logs) {
    if (!POSITION.has(name)) metrics[name] = toNumber(logs[name] as number | Tensor);
  }
  return metrics;
}

/** First number of a scalar in host memory. */
export function toNumber(value: number | Tensor): number {
  return typeof value === 'number' ? value : (value.dataSync()[0] ?? Number.NaN);
}

async function readLater(name: string, value: number | Tensor): Promise<[string, number]> {
  if (typeof value === 'number') return [name, value];
  const copy = value.clone();
  copy.kept = true;
  try {
    const [number = Number.NaN] = await copy.data();
    return [name, number];
  } finally {
    copy.dispose();
  }
}

/** Names of metrics as they may stand in a run: anonymous functions have none, others any character. */
export function metricKeys(metrics: Metrics, prefix = ''): Metrics {
  const renamed: Record<string, number> = {};
  for (const name in metrics) renamed[prefix + toKey(name)] = metrics[name] as number;
  return renamed;
}

const PLAIN = /^\w+$/;

function toKey(name: string): string {
  if (PLAIN.test(name) && name !== 'val_') return name;
  const named = name === '' || name === 'val_' ? `${name}unnamed_metric` : name;
  return named.replace(/[^\w./\- ]/g, '_');
}

/** What `correctValidation` gives. */
export interface CorrectedMetrics {
  readonly metrics: Metrics;
  readonly isCorrected: boolean;
}

/**
 * Puts the validation metrics of a model with several outputs under their right names.
 *
 * tfjs gives them as the running sums of the losses of N outputs, then the N losses, then the metrics, under names
 * that begin with one total: `val_loss` holds the first output's loss, and the last N - 1 metrics are cut off.
 * That is known by the first running sum, which equals the first loss.
 *
 * Source: tfjs-layers `src/engine/training.ts` `makeTestFunction`, read at 4.22 (tensorflow/tfjs issue 5941).
 */
export function correctValidation(metrics: Metrics, outputCount: number): CorrectedMetrics {
  const names = Object.keys(metrics).filter((name) => name.startsWith('val_'));
  const values = names.map((name) => metrics[name] as number);
  if (outputCount < 2 || values.length <= outputCount || !Object.is(values[0], values[outputCount])) {
    return { metrics, isCorrected: false };
  }
  const right = unshiftValues(values, outputCount).map((value, index) => [names[index], value] as const);
  const others = Object.entries(metrics).filter(([name]) => !name.startsWith('val_'));
  return { metrics: Object.fromEntries([...others, ...right]), isCorrected: true };
}

/** Names what `evaluate` returned, which has all values, shifted in the same way when there are several outputs. */
export function evaluationMetrics(
  names: readonly string[],
  values: readonly number[],
  outputCount: number,
): Metrics {
  const isShifted = outputCount > 1 && values.length === names.length + outputCount - 1;
  const right = isShifted ? [values[outputCount - 1] as number, ...values.slice(outputCount)] : values;
  return Object.fromEntries(right.slice(0, names.length).map((value, index) => [names[index], value]));
}

/** Total loss, losses and metrics, from running sums, losses and metrics; as many as are there. */
function unshiftValues(values: readonly number[], outputCount: number): number[] {
  const total = values[outputCount - 1] as number;
  const losses = values.slice(0, outputCount).map((sum, index) => {
    const missing = sum - (values[index - 1] ?? 0);
    return values[outputCount + index] ?? missing;
  });
  return [total, ...losses, ...values.slice(2 * outputCount)];
}
