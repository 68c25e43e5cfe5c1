import { existsSync } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { AutologError } from '../../src/integration.ts';

/** What tfjs makes a model of. Source: tfjs-core `src/io/types.ts` `ModelArtifacts`, read at 4.22. */
export interface ModelArtifacts {
  readonly modelTopology: object;
  readonly weightSpecs: [];
  readonly weightData: ArrayBuffer;
  readonly [part: string]: unknown;
}

interface ModelJson {
  readonly modelTopology: object;
  readonly weightsManifest?: readonly { readonly paths: readonly string[]; readonly weights: [] }[];
}

/**
 * Loads a model from the folder of a logged model, or from any folder with a `model.json`, without tfjs-node.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST (from `load`) when a file is missing, INVALID_PARAMETER_VALUE when it
 * names files outside of the folder.
 *
 * @example
 * const model = await tf.loadLayersModel(tfjsFolderLoader('mlruns/1/models/m-0123/artifacts'));
 */
export function tfjsFolderLoader(folder: string): { load(): Promise<ModelArtifacts> } {
  return { load: () => loadModel(folder) };
}

async function loadModel(given: string): Promise<ModelArtifacts> {
  const folder = [given, path.join(given, 'data')].find((each) => existsSync(path.join(each, 'model.json')));
  if (folder === undefined) {
    throw missing(given, `neither it nor its subfolder 'data' has a model.json`);
  }
  const json: ModelJson = JSON.parse(await readFile(path.join(folder, 'model.json'), 'utf8'));
  const { weightsManifest = [], ...rest } = json;
  const files = weightsManifest.flatMap(({ paths }) => paths.map((each) => weightFile(folder, each)));
  return {
    ...rest,
    weightSpecs: weightsManifest.flatMap(({ weights }) => weights) as [],
    weightData: await readAll(folder, files),
  };
}

function weightFile(folder: string, name: string): string {
  const file = path.resolve(folder, name);
  if (file.startsWith(path.resolve(folder) + path.sep)) return file;
  throw new AutologError(
    'INVALID_PARAMETER_VALUE',
    `Cannot load the model in '${folder}': its weights lie outside of it, at '${name}'; load only models that you trust.`,
  );
}

/** One buffer for all files, read in place: the weights of a large model are in memory once. */
async function readAll(folder: string, files: readonly string[]): Promise<ArrayBuffer> {
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size }) => size,
        (cause: unknown) => {
          throw missing(folder, `its weights '${path.basename(file)}' cannot be read`, cause);
        },
      ),
    ),
  );
  const buffer = new ArrayBuffer(sizes.reduce((sum, size) => sum + size, 0));
  let offset = 0;
  for (const [index, file] of files.entries()) {
    const size = sizes[index] ?? 0;
    await readInto(file, new Uint8Array(buffer, offset, size));
    offset += size;
  }
  return buffer;
}

async function readInto(file: string, target: Uint8Array): Promise<void> {
  const handle = await open(file);
  try {
    for (let done = 0; done < target.byteLength; ) {
      const { bytesRead } = await handle.read(target, done, Math.min(target.byteLength - done, 2 ** 30));
      if (bytesRead === 0) throw missing(path.dirname(file), `its weights '${path.basename(file)}' broke off`);
      done += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

function missing(folder: string, reason: string, cause?: unknown): AutologError {
  return new AutologError(
    'RESOURCE_DOES_NOT_EXIST',
    `Cannot load a model from '${folder}': ${reason}; give the folder of a logged model.`,
    { cause },
  );
}
