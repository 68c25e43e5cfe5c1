/** One point of a series of numbers. */
export interface Metric {
  readonly key: string;
  /** Any double; NaN and the infinities are kept. */
  readonly value: number;
  /** Milliseconds since the Unix epoch. */
  readonly timestamp: number;
  readonly step: number;
}
