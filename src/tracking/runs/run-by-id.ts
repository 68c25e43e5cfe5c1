import { nowMs } from '../../clock.ts';
import { validateRunId } from '../../entities/validation.ts';
import type { TrackingStore } from '../../store/tracking-store.ts';
import { writerFor } from '../delivery/writers.ts';
import { currentStore } from '../settings.ts';
import { openRun } from './active-run.ts';
import { MetricLinks } from './metric-links.ts';
import { checkMetricOptions, type LogMetricOptions, toEntries, toMetricRecord } from './records.ts';
import { requireRun } from './require-run.ts';

/** Takes the metrics of a run. */
export interface MetricTarget {
  logMetric(key: string, value: number, options?: LogMetricOptions): void;
  logMetrics(metrics: Readonly<Record<string, number>>, options?: LogMetricOptions): void;
}

/** Runs that were asked for last, so that the store is asked once for each. */
const known = new WeakMap<TrackingStore, Map<string, MetricTarget>>();
const MAX_KNOWN = 1000;

/**
 * A run of the store in force, be it open here or not.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown run, INVALID_PARAMETER_VALUE for a deleted one.
 */
export function runById(runId: string): MetricTarget {
  const open = openRun(runId);
  if (open !== undefined) return open;
  const store = currentStore();
  const targets = known.get(store) ?? new Map<string, MetricTarget>();
  known.set(store, targets);
  const target = targets.get(runId) ?? findRun(store, runId);
  if (targets.size >= MAX_KNOWN) targets.clear();
  targets.set(runId, target);
  return target;
}

function findRun(store: TrackingStore, runId: string): MetricTarget {
  validateRunId(runId);
  requireRun(store, runId, `Cannot log a metric to run ${runId}`);
  const writer = writerFor(store);
  const links = new MetricLinks(writer, runId);
  const logMetrics = (metrics: Readonly<Record<string, number>>, options: LogMetricOptions = {}) => {
    checkMetricOptions(options);
    const linked = { ...links.complete(options), timestamp: options.timestamp ?? nowMs() };
    const records = toEntries('metrics', metrics).map(([key, value]) => toMetricRecord(runId, key, value, linked));
    links.append(linked);
    for (const record of records) writer.append(record);
  };
  return { logMetric: (key, value, options) => logMetrics({ [key]: value }, options), logMetrics };
}
