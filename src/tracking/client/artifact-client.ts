import type { ArtifactInfo, ArtifactRepository } from '../../artifacts/artifact-repository.ts';
import { resolveArtifactRepository } from '../../artifacts/resolve.ts';
import { allPages } from '../all-pages.ts';
import { requireText } from '../check-argument.ts';
import { formatDict } from '../dict-format.ts';
import type { Figure } from '../run-files/figure.ts';
import type { LoadTableOptions } from '../run-files/load-table.ts';
import type { ImageSeriesOptions, ImageSource } from '../run-files/log-image.ts';
import type { ByteSource } from '../run-files/log-stream.ts';
import type { RunFiles } from '../run-files/run-files.ts';
import type { TableData, TableRow } from '../run-files/table.ts';
import { RunLogClient } from './run-log-client.ts';

/** The client's methods for the files of runs. */
export class ArtifactClient extends RunLogClient {
  /** Copies a local file to the run's artifacts, into the folder `artifactPath`. */
  async logArtifact(runId: string, localPath: string, artifactPath?: string): Promise<void> {
    requireText('the path of a file', localPath);
    await (await this.#artifacts(runId)).logFile(localPath, artifactPath);
  }

  /** Copies what is in a local folder to the run's artifacts, into the folder `artifactPath`. */
  async logArtifacts(runId: string, localFolder: string, artifactPath?: string): Promise<void> {
    requireText('the path of a folder', localFolder);
    await (await this.#artifacts(runId)).logFolder(localFolder, artifactPath);
  }

  async logText(runId: string, text: string, artifactFile: string): Promise<void> {
    await (await this.#artifacts(runId)).logContent(artifactFile, text);
  }

  /** Writes plain data, as YAML when the file is named `.yml` or `.yaml`, else as JSON. */
  async logDict(runId: string, dictionary: unknown, artifactFile: string): Promise<void> {
    const text = await formatDict(dictionary, artifactFile);
    await (await this.#artifacts(runId)).logContent(artifactFile, text);
  }

  /** Writes what comes from a stream. */
  async logStream(runId: string, stream: ByteSource, artifactFile: string): Promise<void> {
    const { logStreamTo } = await import('../run-files/log-stream.ts');
    await logStreamTo(await this.#artifacts(runId), stream, artifactFile);
  }

  /** Writes an image: to a file, or as a step of the series of a key. */
  async logImage(runId: string, image: ImageSource, target: string | ImageSeriesOptions): Promise<void> {
    const images = await import('../run-files/log-image.ts');
    const files = await this.#filesOf(runId);
    if (typeof target === 'string') await images.logImageFile(files, image, target);
    else await images.logImageStep(files, image, target);
  }

  /** Writes a chart, see {@link Figure}. */
  async logFigure(runId: string, figure: Figure, artifactFile: string): Promise<void> {
    const { formatFigure } = await import('../run-files/figure.ts');
    const text = formatFigure(figure, artifactFile);
    await (await this.#artifacts(runId)).logContent(artifactFile, text);
  }

  /** Writes a table as JSON, below what the file holds already; cells that are pixels become images. */
  async logTable(runId: string, data: TableData, artifactFile: string): Promise<void> {
    const tables = await import('../run-files/log-table.ts');
    await tables.logTable(await this.#filesOf(runId), data, artifactFile);
  }

  /**
   * Reads the rows of a table from the runs of an experiment that have logged it, the newest run first.
   *
   * @throws {AutologError} RESOURCE_DOES_NOT_EXIST when no run has it.
   */
  async loadTable(
    experimentId: string,
    artifactFile: string,
    options: LoadTableOptions = {},
  ): Promise<readonly TableRow[]> {
    const { loadTable } = await import('../run-files/load-table.ts');
    const search = (filter: string) =>
      allPages((pageToken) => this.searchRuns({ experimentIds: [experimentId], filter, pageToken }));
    return loadTable(search, artifactFile, options);
  }

  async listArtifacts(runId: string, folder?: string): Promise<readonly ArtifactInfo[]> {
    return (await this.#artifacts(runId)).list(folder);
  }

  /** Brings a file or folder of the run's artifacts to a local folder, and returns where it is then. */
  async downloadArtifacts(runId: string, path: string, destination?: string): Promise<string> {
    return (await this.#artifacts(runId)).download(path, destination);
  }

  async #artifacts(runId: string): Promise<ArtifactRepository> {
    const { artifactUri } = (await this.getRun(runId)).info;
    return resolveArtifactRepository(artifactUri, { trackingUri: this.trackingUri });
  }

  async #filesOf(runId: string): Promise<RunFiles> {
    return {
      artifacts: await this.#artifacts(runId),
      readTag: async (key) => (await this.getRun(runId)).tags[key],
      setTag: (key, value) => this.setTag(runId, key, value),
    };
  }
}
