import type { Config } from '../../src/integration.ts';

/** Options of the tfjs integration, beside the common ones. */
export interface TfjsOptions {
  /** Logs metrics at the end of each epoch. @default true */
  readonly logEveryEpoch: boolean;
  /** Logs `batch_` metrics every so many steps; 'auto' makes it at most 1000 points for each fit, null none. @default 'auto' */
  readonly logEveryNSteps: 'auto' | number | null;
  /** Logs what `evaluate` and `evaluateDataset` return. @default true */
  readonly logEvaluate: boolean;
  /** Logs `trainOnBatch` only into an active run, in a run of its own too ('always'), or not at all. @default 'active-run' */
  readonly logTrainOnBatch: 'active-run' | 'always' | false;
  /** Logs the loss of `optimizer.minimize` loops in an active run. @default true */
  readonly logCustomLoops: boolean;
  /** Saves the optimizer's state with the model: three times as much for Adam. @default false */
  readonly includeOptimizer: boolean;
  /** So many milliseconds may pass in a training before the event loop gets a turn. @default 250 */
  readonly maxBlockMs: number;
}

/** The configuration of a call. */
export type TfjsConfig = Config<TfjsOptions>;

/** Steps between two points of the batch metrics of a fit; 0 for none. */
export function stepInterval(option: TfjsOptions['logEveryNSteps'], stepCount: number | undefined): number {
  if (option !== 'auto') return option ?? 0;
  return stepCount === undefined ? 10 : Math.max(1, Math.ceil(stepCount / 1000));
}

/** Whether a step of a loop without known end is logged: 'auto' takes the first 1000, then each tenth. */
export function isLoggedStep(option: TfjsOptions['logEveryNSteps'], step: number): boolean {
  const interval = option === 'auto' ? (step < 1000 ? 1 : 10) : (option ?? 0);
  return interval > 0 && step % interval === 0;
}
