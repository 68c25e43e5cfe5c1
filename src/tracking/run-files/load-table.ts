import { resolveArtifactRepository } from '../../artifacts/resolve.ts';
import type { Run } from '../../entities/run.ts';
import { AutologError, invalidParameter } from '../../errors.ts';
import { requireOptions } from '../check-argument.ts';
import { toRunRow } from '../fluent/run-rows.ts';
import { RUN_TAGS } from '../runs/run-tags.ts';
import { readTable, requireTableName, tablesOf } from './log-table.ts';
import { type TableRow, toRows } from './table.ts';

/** Which tables are read. */
export interface LoadTableOptions {
  /** @default all runs of the experiment that have the table */
  readonly runIds?: readonly string[];
  /** Columns of the run that are added to its rows: `runId`, `status`, `params.lr`, …; `_` is put behind a name in use. */
  readonly extraColumns?: readonly string[];
}

/**
 * Reads the rows of a table from the runs that have logged it, each row with the columns of all; `search` finds runs by
 * a filter.
 *
 * Source: mlflow/tracking/client.py `load_table`, read at 3.17.2.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST when no run has it, or its file is gone.
 */
export async function loadTable(
  search: (filter: string) => Promise<readonly Run[]>,
  artifactFile: string,
  options: LoadTableOptions,
): Promise<readonly TableRow[]> {
  requireOptions('Cannot load a table', options, "{ extraColumns: ['runId'] }");
  const { runIds, extraColumns = [] } = options;
  const file = requireTableName(artifactFile);
  const found = (await search(toFilter(file))).filter(
    ({ info, tags }) =>
      (runIds === undefined || runIds.includes(info.runId)) &&
      tablesOf(tags[RUN_TAGS.loggedArtifacts]).includes(file),
  );
  if (found.length === 0) {
    throw new AutologError(
      'RESOURCE_DOES_NOT_EXIST',
      `Cannot load the table '${file}': no run of the experiment has logged it; check its name, and the experiment.`,
    );
  }
  const rows = (await Promise.all(found.map((run) => rowsOf(run, file, extraColumns)))).flat();
  const columns = new Set(rows.flatMap((row) => Object.keys(row)));
  return rows.map((row) => Object.fromEntries([...columns].map((column) => [column, row[column] ?? null])));
}

/** Of the name only what no grammar could stumble over; the tag is read exactly afterwards. */
function toFilter(file: string): string {
  return `tags.\`${RUN_TAGS.loggedArtifacts}\` LIKE '%"path"%${file.replaceAll(/[^\w./ -]/g, '_')}%'`;
}

async function rowsOf(run: Run, file: string, extraColumns: readonly string[]): Promise<readonly TableRow[]> {
  const table = await readTable(resolveArtifactRepository(run.info.artifactUri), file);
  if (table === undefined) {
    throw new AutologError(
      'RESOURCE_DOES_NOT_EXIST',
      `Cannot load the table '${file}' of run ${run.info.runId}: its file is gone; leave the run out.`,
    );
  }
  const known: Readonly<Record<string, unknown>> = { ...toRunRow(run) };
  const extra = extraColumns.map((column) => {
    if (!(column in known) && !/^(params|metrics|tags)\./.test(column)) {
      throw invalidParameter(
        `Cannot add the column '${column}': a run has none; use runId, status or params.<name>, say.`,
      );
    }
    return [table.columns.includes(column) ? `${column}_` : column, known[column] ?? null] as const;
  });
  return toRows(table).map((row) => ({ ...row, ...Object.fromEntries(extra) }));
}
