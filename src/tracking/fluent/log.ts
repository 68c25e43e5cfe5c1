import type { ModelInput, ModelOutput } from '../../entities/run.ts';
import type { ActiveRun, DatasetToLog } from '../runs/active-run.ts';
import type { DatasetDescription, LogInputOptions, LogMetricOptions } from '../runs/records.ts';
import { type MetricTarget, runById } from '../runs/run-by-id.ts';
import { activeRun } from '../runs/run-context.ts';
import { startRun } from './runs.ts';

/** The active run; where there is none, one begins. */
export function activeOrNewRun(): ActiveRun {
  return activeRun() ?? startRun();
}

/**
 * Logs a param of the active run; without one, a run begins.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE when it was logged before with another value, or is over a limit.
 */
export function logParam(key: string, value: unknown): void {
  activeOrNewRun().logParam(key, value);
}

/**
 * Logs params of the active run: all of them, or none when one is refused. Without a run, one begins.
 *
 * @throws {AutologError} as `logParam` does.
 */
export function logParams(params: Readonly<Record<string, unknown>>): void {
  activeOrNewRun().logParams(params);
}

/** Which point is logged, and of which run. */
export interface LogMetricToRunOptions extends LogMetricOptions {
  /** A run that need not be active here. @default the active run */
  readonly runId?: string;
}

/**
 * Logs a point of a metric of the active run; without one, a run begins. NaN and the infinities are kept.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no number, or over a limit.
 */
export function logMetric(key: string, value: number, options?: LogMetricToRunOptions): void {
  metricTarget(options).logMetric(key, value, options);
}

/**
 * Logs points of several metrics at one moment: all of them, or none when one is refused. Without a run, one begins.
 *
 * @throws {AutologError} as `logMetric` does.
 */
export function logMetrics(metrics: Readonly<Record<string, number>>, options?: LogMetricToRunOptions): void {
  metricTarget(options).logMetrics(metrics, options);
}

function metricTarget(options: LogMetricToRunOptions | undefined): MetricTarget {
  return options?.runId === undefined ? activeOrNewRun() : runById(options.runId);
}

/**
 * Sets a tag of the active run; without one, a run begins.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is over a limit.
 */
export function setTag(key: string, value: unknown): void {
  activeOrNewRun().setTag(key, value);
}

/**
 * Sets tags of the active run: all of them, or none when one is refused. Without a run, one begins.
 *
 * @throws {AutologError} as `setTag` does.
 */
export function setTags(tags: Readonly<Record<string, unknown>>): void {
  activeOrNewRun().setTags(tags);
}

/** Deletes a tag of the active run; without one, a run begins. */
export function deleteTag(key: string): void {
  activeOrNewRun().deleteTag(key);
}

/**
 * Links a dataset to the active run; without one, a run begins.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is over a limit.
 */
export function logInput(dataset: DatasetDescription, options?: LogInputOptions): void {
  activeOrNewRun().logInput(dataset, options);
}

/**
 * Links datasets and logged models that the active run reads: all of them, or none when one is refused. Without a run,
 * one begins.
 *
 * @throws {AutologError} as `logInput` does.
 */
export function logInputs(datasets: readonly DatasetToLog[], models?: readonly ModelInput[]): void {
  activeOrNewRun().logInputs(datasets, models);
}

/**
 * Links logged models that the active run has written; without one, a run begins.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what names no model.
 */
export function logOutputs(models: readonly (ModelInput & Partial<ModelOutput>)[]): void {
  activeOrNewRun().logOutputs(models);
}
