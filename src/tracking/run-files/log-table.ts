import { posix } from 'node:path';
import { validateArtifactFile } from '../../artifacts/artifact-path.ts';
import type { ArtifactRepository } from '../../artifacts/artifact-repository.ts';
import { AutologError, invalidParameter } from '../../errors.ts';
import { RUN_TAGS } from '../runs/run-tags.ts';
import { logTableImage } from './log-image.ts';
import { isPixels } from './pixels.ts';
import type { RunFiles } from './run-files.ts';
import { appendTable, formatTable, parseTable, type Table, type TableData, toTable } from './table.ts';

/** Tables that are being written, so that each call appends to what the one before it wrote. */
const underway = new Map<string, Promise<void>>();

/**
 * Writes a table to a file of the run, below what the file holds already; cells that are pixels become images.
 *
 * Source: mlflow/tracking/client.py `log_table`, read at 3.17.2.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no table, or a file that is not named `.json`.
 */
export async function logTable(files: RunFiles, data: TableData, artifactFile: string): Promise<void> {
  const file = requireTableName(artifactFile);
  const table = toTable(data);
  const key = `${files.artifacts.uri}\n${file}`;
  const before = underway.get(key) ?? Promise.resolve();
  const written = before.then(() => write(files, table, file));
  // What fails here is told to its own caller, and is none of the next one's.
  const settled = written.catch(() => undefined);
  underway.set(key, settled);
  try {
    await written;
  } finally {
    if (underway.get(key) === settled) underway.delete(key);
  }
}

/** Reads a table of the artifacts; undefined where there is none. */
export async function readTable(artifacts: ArtifactRepository, file: string): Promise<Table | undefined> {
  const siblings = await artifacts.list(posix.dirname(file).replace(/^\.$/, ''));
  if (!siblings.some(({ path, isFolder }) => path === file && !isFolder)) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of await artifacts.openRead(file)) chunks.push(chunk as Buffer);
  return parseTable(Buffer.concat(chunks).toString('utf8'), file);
}

/** Files of a run that hold tables, as its tag tells. */
export function tablesOf(tag: string | undefined): readonly string[] {
  return parseLogged(tag).flatMap(({ path, type }) => (type === 'table' && path !== undefined ? [path] : []));
}

/**
 * Checks the name of a table's file.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE, NOT_IMPLEMENTED for Parquet.
 */
export function requireTableName(artifactFile: string): string {
  const file = validateArtifactFile(artifactFile);
  if (file.endsWith('.json')) return file;
  if (file.endsWith('.parquet')) {
    throw new AutologError(
      'NOT_IMPLEMENTED',
      `Cannot use the table '${file}': tables are JSON here; name it .json.`,
    );
  }
  throw invalidParameter(`Cannot use the table '${file}': MLflow looks for '.json'; name it so.`);
}

async function write(files: RunFiles, table: Table, file: string): Promise<void> {
  const known = await readTable(files.artifacts, file);
  const own = await withImages(files, table, file);
  const whole = known === undefined ? own : appendTable(known, own);
  await files.artifacts.logContent(file, formatTable(whole, file));
  const logged = parseLogged(await files.readTag(RUN_TAGS.loggedArtifacts));
  if (logged.some(({ path, type }) => path === file && type === 'table')) return;
  const entries = [...logged, { path: file, type: 'table' }];
  // With the spaces of Python's `json.dumps`: MLflow finds tables by the text of this tag.
  await files.setTag(RUN_TAGS.loggedArtifacts, `[${entries.map(toPythonJson).join(', ')}]`);
}

async function withImages(files: RunFiles, { columns, data }: Table, file: string): Promise<Table> {
  const imageColumns = columns.map((_, index) => data.some((row) => isPixels(row[index])));
  for (const [index, column] of columns.entries()) {
    if (imageColumns[index] && !data.every((row) => isPixels(row[index]))) {
      throw invalidParameter(
        `Cannot log a table: the column '${column}' mixes images with others; use two columns.`,
      );
    }
  }
  if (!imageColumns.includes(true)) return { columns, data };
  const rows = data.map((row) =>
    Promise.all(row.map((cell) => (isPixels(cell) ? logTableImage(files, cell, file) : cell))),
  );
  return { columns, data: await Promise.all(rows) };
}

type LoggedArtifact = { readonly path?: string; readonly type?: string };

function parseLogged(tag: string | undefined): readonly LoggedArtifact[] {
  if (tag === undefined) return [];
  try {
    const entries: unknown = JSON.parse(tag);
    return Array.isArray(entries) ? entries.filter((entry) => typeof entry === 'object' && entry !== null) : [];
  } catch {
    // SyntaxError: someone else has set the tag; the list begins anew.
    return [];
  }
}

function toPythonJson(entry: LoggedArtifact): string {
  const members = Object.entries(entry).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{${members.join(', ')}}`;
}
