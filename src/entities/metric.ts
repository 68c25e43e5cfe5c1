/** One point of a series of numbers. */
export interface Metric {
  readonly key: string;
  /** Any double; NaN and the infinities are kept. */
  readonly value: number;
  /** Milliseconds since the Unix epoch. */
  readonly timestamp: number;
  readonly step: number;
  /** Run that logged it; told where points of several runs come together. */
  readonly runId?: string;
  /** Logged model that it measures. */
  readonly modelId?: string;
  /** Dataset that it was measured on. */
  readonly datasetName?: string;
  readonly datasetDigest?: string;
}
