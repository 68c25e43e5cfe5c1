import type { Run, RunStatus } from '../../entities/run.ts';

/** A run as one flat row: what a DataFrame of runs has in its columns. */
export interface RunRow {
  readonly runId: string;
  readonly runName: string;
  readonly experimentId: string;
  readonly status: RunStatus;
  readonly artifactUri: string;
  readonly startTime: Date;
  /** Null while the run goes on. */
  readonly endTime: Date | null;
  /** The latest value; null where the run has none and another row does. */
  readonly [metric: `metrics.${string}`]: number | null;
  readonly [param: `params.${string}`]: string | null;
  readonly [tag: `tags.${string}`]: string | null;
}

/** Makes a row of a run. */
export function toRunRow({ info, metrics, params, tags }: Run): RunRow {
  return {
    runId: info.runId,
    runName: info.runName,
    experimentId: info.experimentId,
    status: info.status,
    artifactUri: info.artifactUri,
    startTime: new Date(info.startTime),
    endTime: info.endTime === null ? null : new Date(info.endTime),
    ...prefixed('metrics', metrics, ({ value }) => value),
    ...prefixed('params', params, (value) => value),
    ...prefixed('tags', tags, (value) => value),
  };
}

/** Makes rows of runs, all with the same columns: those of the run first, then metrics, params and tags as they come. */
export function toRunRows(runs: readonly Run[]): readonly RunRow[] {
  const rows = runs.map(toRunRow);
  const keys = new Set(rows.flatMap((row) => Object.keys(row)));
  const columns = ['metrics.', 'params.', 'tags.'].flatMap((prefix) =>
    [...keys].filter((it) => it.startsWith(prefix)),
  );
  const empty = Object.fromEntries(columns.map((column) => [column, null]));
  return rows.map((row) => {
    const { runId, runName, experimentId, status, artifactUri, startTime, endTime } = row;
    const own = { runId, runName, experimentId, status, artifactUri, startTime, endTime };
    return { ...own, ...empty, ...row };
  });
}

function prefixed<T, V>(
  prefix: string,
  values: Readonly<Record<string, T>>,
  read: (value: T) => V,
): Readonly<Record<string, V>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}.${key}`, read(value)]));
}
