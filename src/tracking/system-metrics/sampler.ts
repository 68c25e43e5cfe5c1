/** What was measured at one moment, under MLflow's keys without `system/`. */
export type Sample = Readonly<Record<string, number>>;

/** Measures something of the machine or the process. */
export interface Sampler {
  sample(): Sample | Promise<Sample>;
  /** Ends what goes on between samples. */
  close?(): void;
}

const MEGABYTE = 1e6;

/** Megabytes as MLflow has them: a million bytes each. */
export function toMegabytes(bytes: number): number {
  return bytes / MEGABYTE;
}
