import { validateArtifactPath } from '../../artifacts/artifact-path.ts';
import { requireText } from '../check-argument.ts';
import { MlflowClient } from '../client.ts';
import { currentExperimentId } from '../current-experiment-id.ts';
import { formatDict } from '../dict-format.ts';
import type { Figure } from '../run-files/figure.ts';
import type { LoadTableOptions } from '../run-files/load-table.ts';
import type { ImageSeriesOptions, ImageSource } from '../run-files/log-image.ts';
import type { ByteSource } from '../run-files/log-stream.ts';
import type { TableData, TableRow } from '../run-files/table.ts';
import { type ArtifactRunOptions, artifactsOfRun, filesOfRun } from '../runs/files-of-run.ts';
import { activeOrNewRun } from './log.ts';

/**
 * Writes text to a file among the active run's artifacts; without a run, one begins.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a path that leads outside.
 */
export async function logText(text: string, artifactFile: string, options?: ArtifactRunOptions): Promise<void> {
  await (await artifactsOfRun(options)).logContent(artifactFile, text);
}

/**
 * Writes plain data to a file among the active run's artifacts, as YAML when it is named `.yml` or `.yaml`, else as
 * JSON; without a run, one begins.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a path that leads outside, or data that contains itself.
 */
export async function logDict(
  dictionary: unknown,
  artifactFile: string,
  options?: ArtifactRunOptions,
): Promise<void> {
  const [artifacts, text] = await Promise.all([artifactsOfRun(options), formatDict(dictionary, artifactFile)]);
  await artifacts.logContent(artifactFile, text);
}

/**
 * Copies a local file to the active run's artifacts, into the folder `artifactPath`; without a run, one begins.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for a missing file.
 */
export async function logArtifact(
  localPath: string,
  artifactPath?: string,
  options?: ArtifactRunOptions,
): Promise<void> {
  requireText('the path of a file', localPath);
  await (await artifactsOfRun(options)).logFile(localPath, artifactPath);
}

/**
 * Copies what is in a local folder to the active run's artifacts, into the folder `artifactPath`; without a run, one
 * begins.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for a missing folder.
 */
export async function logArtifacts(
  localFolder: string,
  artifactPath?: string,
  options?: ArtifactRunOptions,
): Promise<void> {
  requireText('the path of a folder', localFolder);
  await (await artifactsOfRun(options)).logFolder(localFolder, artifactPath);
}

/**
 * Writes what comes from a stream to a file among the active run's artifacts, without holding it in memory; without a
 * run, one begins.
 *
 * @throws what the stream throws, as it is; no file is seen then.
 */
export async function logStream(
  stream: ByteSource,
  artifactFile: string,
  options?: ArtifactRunOptions,
): Promise<void> {
  const [artifacts, { logStreamTo }] = await Promise.all([
    artifactsOfRun(options),
    import('../run-files/log-stream.ts'),
  ]);
  await logStreamTo(artifacts, stream, artifactFile);
}

/**
 * Writes an image to the active run: to a file, or as a step of the series of a key. Without a run, one begins.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no image, or a name that is not that of one.
 */
export async function logImage(
  image: ImageSource,
  target: string | ImageSeriesOptions,
  options?: ArtifactRunOptions,
): Promise<void> {
  const [files, images] = await Promise.all([filesOfRun(options), import('../run-files/log-image.ts')]);
  if (typeof target === 'string') await images.logImageFile(files, image, target);
  else await images.logImageStep(files, image, target);
}

/**
 * Writes a chart to a file among the active run's artifacts; without a run, one begins.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE when chart and name do not go together.
 */
export async function logFigure(
  figure: Figure,
  artifactFile: string,
  options?: ArtifactRunOptions,
): Promise<void> {
  const [artifacts, { formatFigure }] = await Promise.all([
    artifactsOfRun(options),
    import('../run-files/figure.ts'),
  ]);
  await artifacts.logContent(artifactFile, formatFigure(figure, artifactFile));
}

/**
 * Writes a table as JSON to a file among the active run's artifacts, below what the file holds already; cells that are
 * pixels become images. Without a run, one begins.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no table, or a file that is not named `.json`.
 */
export async function logTable(
  data: TableData,
  artifactFile: string,
  options?: ArtifactRunOptions,
): Promise<void> {
  const [files, tables] = await Promise.all([filesOfRun(options), import('../run-files/log-table.ts')]);
  await tables.logTable(files, data, artifactFile);
}

/**
 * Reads the rows of a table from the runs of the experiment in force that have logged it, the newest run first.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST when no run has it.
 */
export async function loadTable(artifactFile: string, options?: LoadTableOptions): Promise<readonly TableRow[]> {
  return new MlflowClient().loadTable(await currentExperimentId(), artifactFile, options);
}

/**
 * Where a file or folder of the active run lies; without a run, one begins.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a path that leads outside.
 */
export async function getArtifactUri(artifactPath: string = ''): Promise<string> {
  const path = validateArtifactPath(artifactPath);
  const uri = (await activeOrNewRun().artifactUri()).replace(/\/+$/, '');
  return path === '' ? uri : `${uri}/${path}`;
}
