import { invalidParameter } from '../../errors.ts';
import { tellOnce } from '../../failures.ts';

const ENABLE = 'MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING';
const INTERVAL = 'MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL';
const SAMPLES = 'MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING';
const NODE_ID = 'MLFLOW_SYSTEM_METRICS_NODE_ID';

const DEFAULT_INTERVAL_SECONDS = 10;

/** Logs system metrics of the runs that begin from now on, unless `startRun` says otherwise; child processes do so too. */
export function enableSystemMetricsLogging(): void {
  process.env[ENABLE] = 'true';
}

/** Logs no system metrics of the runs that begin from now on, unless `startRun` says otherwise. */
export function disableSystemMetricsLogging(): void {
  process.env[ENABLE] = 'false';
}

/**
 * Sets how many seconds lie between two samples of system metrics; null for MLflow's 10.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no positive number.
 */
export function setSystemMetricsSamplingInterval(seconds: number | null): void {
  setVariable(INTERVAL, seconds, (value) => value > 0, 'a positive number of seconds');
}

/**
 * Sets of how many samples one point is the mean; null for 1.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no positive integer.
 */
export function setSystemMetricsSamplesBeforeLogging(count: number | null): void {
  setVariable(SAMPLES, count, (value) => Number.isSafeInteger(value) && value > 0, 'a positive integer');
}

/** Names this machine in the keys of its system metrics, where several log to one run; null for none. */
export function setSystemMetricsNodeId(nodeId: string | null): void {
  if (nodeId === null) delete process.env[NODE_ID];
  else process.env[NODE_ID] = String(nodeId);
}

/** Whether runs have their system metrics logged that do not say otherwise. */
export function isSystemMetricsLogging(): boolean {
  const text = process.env[ENABLE];
  if (!text) return false;
  if (/^(true|1)$/i.test(text)) return true;
  if (!/^(false|0)$/i.test(text)) tellOnce(`${ENABLE} is '${text}', and not used: set it to true or false`);
  return false;
}

/** How system metrics are sampled. */
export interface SystemMetricsSettings {
  readonly intervalMs: number;
  /** So many samples make a point. */
  readonly sampleCount: number;
  /** Begins every key: `system/`, with the node's id where there is one. */
  readonly prefix: string;
}

/** Settings in force; a variable that says nothing useful is told once, and not used. */
export function systemMetricsSettings(): SystemMetricsSettings {
  const nodeId = process.env[NODE_ID];
  return {
    intervalMs: 1000 * readNumber(INTERVAL, DEFAULT_INTERVAL_SECONDS, (value) => value > 0),
    sampleCount: readNumber(SAMPLES, 1, (value) => Number.isSafeInteger(value) && value > 0),
    prefix: nodeId ? `system/${nodeId}/` : 'system/',
  };
}

function setVariable(
  name: string,
  value: number | null,
  isUsable: (value: number) => boolean,
  form: string,
): void {
  if (value === null) {
    delete process.env[name];
    return;
  }
  if (typeof value !== 'number' || !isUsable(value)) {
    throw invalidParameter(`Cannot set ${name} to ${String(value)}: it must be ${form}.`);
  }
  process.env[name] = String(value);
}

function readNumber(name: string, fallback: number, isUsable: (value: number) => boolean): number {
  const text = process.env[name];
  if (!text) return fallback;
  if (isUsable(Number(text))) return Number(text);
  tellOnce(`${name} is '${text}', and not used: it must be a positive number`);
  return fallback;
}
