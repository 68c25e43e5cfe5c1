import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createExternalModel,
  flush,
  loadTable,
  logImage,
  logTable,
  MlflowClient,
  searchRuns,
  setTrackingUri,
  withRun,
} from '../../src/index.ts';
import { requireMlflow } from '../support/requirements.ts';
import { runPython, toUri } from './python.ts';

interface PythonImage {
  readonly format: string;
  readonly mode: string;
  readonly size: readonly [number, number];
  readonly first: number | readonly number[];
}

interface PythonFiles {
  readonly table: readonly Record<string, unknown>[];
  readonly images: Readonly<Record<string, PythonImage>>;
  readonly grey: PythonImage;
  readonly webp: PythonImage;
  readonly cells: readonly PythonImage[];
  readonly runColumns: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly external: Readonly<Record<string, unknown>>;
}

const mlflow = requireMlflow();

describe.skipIf(mlflow.isMissing)(mlflow.title('the files of a run, with MLflow’s own client'), () => {
  const uri = toUri(path.resolve('files.db'));
  let runId: string;
  let modelId: string;
  let python: PythonFiles;

  beforeAll(async () => {
    setTrackingUri(uri);
    runId = await withRun({ runName: 'files' }, async (run) => {
      run.logParams({ lr: 0.1 });
      run.logMetric('loss', 1);
      await logTable({ a: [1], b: ['größer'] }, 'tables/eval.json');
      await logTable([{ a: 2, at: new Date(0) }], 'tables/eval.json');
      await logImage(rgb(300, 150), { key: 'gen/dog', step: 3, timestamp: 1234 });
      await logImage({ data: Float32Array.from([0.5, 1]), width: 2, height: 1, channels: 1 }, 'grey.png');
      await logImage(rgb(40, 30), 'drawn.webp');
      await logTable({ image: [rgb(3, 2)] }, 'pictures.json');
      return run.runId;
    });
    ({ modelId } = await createExternalModel({ name: 'app' }));
    await flush();
    python = await runPython('run_files.py', uri, runId);
  });

  it('has tables that load_table joins', () => {
    expect(python.table).toEqual([
      { a: 1, b: 'größer', at: null, run_id: runId },
      { a: 2, b: null, at: '1970-01-01T00:00:00.000Z', run_id: runId },
    ]);
  });

  it('has images that Pillow reads, under the names of log_image', () => {
    const [small, full] = Object.entries(python.images);
    expect(full?.[0]).toMatch(/^images\/gen~dog\+step\+3\+timestamp\+1234\+[0-9a-f-]{36}\.png$/);
    expect(full?.[1]).toEqual({ format: 'PNG', mode: 'RGB', size: [300, 150], first: [10, 20, 30] });
    expect(small?.[0]).toBe(full?.[0].replace('.png', '+compressed.webp'));
    expect(small?.[1]).toEqual({ format: 'WEBP', mode: 'RGB', size: [256, 128], first: [10, 20, 30] });
    expect(python.grey).toEqual({ format: 'PNG', mode: 'L', size: [2, 1], first: 127 });
    expect(python.webp).toEqual({ format: 'WEBP', mode: 'RGB', size: [40, 30], first: [10, 20, 30] });
    expect(python.cells.map(({ format, size }) => [format, size])).toEqual([
      ['PNG', [3, 2]],
      ['WEBP', [3, 2]],
    ]);
    expect(python.tags).toMatchObject({ 'mlflow.loggedImages': 'True' });
  });

  it('has an external model whose MLmodel file MLflow reads', () => {
    expect(python.external).toMatchObject({ metadata: { 'mlflow.model.isExternal': true }, modelId });
    expect(python.external.signature).toContain('boolean');
  });

  it('shows the columns of search_runs, and the run’s name', async () => {
    const [row] = await searchRuns();
    const columns = Object.keys(row ?? {}).filter((column) => column !== 'runName');
    const toPython = (column: string) =>
      column.includes('.') ? column : column.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const own = columns.map(toPython).filter((column) => column !== 'tags.mlflow.loggedArtifacts');
    expect(own.sort()).toEqual(
      python.runColumns.filter((column) => column !== 'tags.mlflow.loggedArtifacts').sort(),
    );
  });

  it('takes tables and images that Python has logged', async () => {
    expect(await loadTable('tables/eval.json')).toEqual([
      { a: 1, b: 'größer', at: null, note: null },
      { a: 2, b: null, at: '1970-01-01T00:00:00.000Z', note: null },
      { a: 3, b: null, at: null, note: 'by Python' },
    ]);
    expect(await loadTable('python.json', { runIds: [runId] })).toEqual([
      { x: 1.5, y: 'a' },
      { x: 2.5, y: null },
    ]);
    const files = await new MlflowClient().listArtifacts(runId, 'images');
    const theirs = files.filter((file) => file.path.includes('python~image')).map((file) => file.path);
    expect(theirs).toEqual([
      expect.stringMatching(/^images\/python~image\+step\+7\+timestamp\+1000\+[0-9a-f-]{36}\+compressed\.webp$/),
      expect.stringMatching(/^images\/python~image\+step\+7\+timestamp\+1000\+[0-9a-f-]{36}\.png$/),
    ]);
  });
});

function rgb(width: number, height: number) {
  const data = new Uint8Array(3 * width * height).map((_, index) => [10, 20, 30][index % 3] as number);
  return { data, width, height };
}
