import { reportFailure } from '../../failures.ts';
import type { ActiveRun } from '../runs/active-run.ts';
import { type SystemMetricsSettings, systemMetricsSettings } from './settings.ts';

/** What is known of a run whose system metrics are to be logged. */
export interface WatchSystemOptions {
  /** Whether it may have system metrics already. */
  readonly isResumed: boolean;
}

/** Logs the load of machine and process to a run, in the background, until it ends; again when it is taken up again. */
export function watchSystem(run: ActiveRun, options: WatchSystemOptions): void {
  begin(run, options, systemMetricsSettings());
  run.whenReopened(() => begin(run, { isResumed: true }, systemMetricsSettings()));
}

function begin(run: ActiveRun, options: WatchSystemOptions, settings: SystemMetricsSettings): void {
  import('./system-monitor.ts').then(
    ({ SystemMonitor }) => new SystemMonitor(run, settings).start(options),
    (error) => reportFailure('logging system metrics', error),
  );
}
