import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MlflowClient } from '../../src/tracking/client.ts';
import { shutdown } from '../../src/tracking/delivery/writers.ts';
import { getArtifactUri, logFigure, logStream, logText } from '../../src/tracking/fluent/artifacts.ts';
import { endRun, startRun } from '../../src/tracking/fluent/runs.ts';
import { setTrackingUri } from '../../src/tracking/settings.ts';
import { temporaryFolder } from './temporary-store.ts';

let client: MlflowClient;
let runId: string;

beforeEach(() => {
  setTrackingUri(`sqlite:///${path.join(temporaryFolder(), 'mlflow.db')}`);
  client = new MlflowClient();
  ({ runId } = startRun());
});

afterEach(async () => {
  await shutdown();
  setTrackingUri('sqlite:///mlflow.db');
});

async function readText(file: string): Promise<string> {
  return fs.readFileSync(await client.downloadArtifacts(runId, file), 'utf8');
}

const invalid = { code: 'INVALID_PARAMETER_VALUE' };

describe('logFigure', () => {
  const plotly = { data: [{ y: Float64Array.from([1, 2]), name: '</script>' }], layout: { title: 'a' } };
  const vega = { $schema: 'https://vega.github.io/schema/vega-lite/v6.json', mark: 'bar' };

  test('writes descriptions of charts as pages with their data, or as JSON', async () => {
    await logFigure(plotly, 'charts/p.html');
    await logFigure(vega, 'v.html');
    await client.logFigure(runId, plotly, 'p.json');
    const page = await readText('charts/p.html');
    expect(page).toContain('{"data":[{"y":[1,2],"name":"\\u003c/script>"}],"layout":{"title":"a"}}');
    expect(page).toContain('Plotly.newPlot');
    expect(await readText('v.html')).toContain(`vegaEmbed('#figure', ${JSON.stringify(vega)});`);
    expect(JSON.parse(await readText('p.json'))).toEqual({
      data: [{ y: [1, 2], name: '</script>' }],
      layout: { title: 'a' },
    });
  });

  test('writes SVG and pages as they are', async () => {
    const svg = '<?xml version="1.0"?>\n<!-- made by hand -->\n<svg xmlns="http://www.w3.org/2000/svg"/>';
    await logFigure(svg, 'a.svg');
    await logFigure('<!doctype html><p>b', 'b.html');
    expect([await readText('a.svg'), await readText('b.html')]).toEqual([svg, '<!doctype html><p>b']);
  });

  test('refuses what does not go together', async () => {
    const cases = [
      ['plain text', 'a.svg'],
      ['<p>', 'a.svg'],
      ['text', 'a.html'],
      ['<svg/>', 'a.png'],
      [plotly, 'a.png'],
      [{ labels: [] }, 'a.html'],
      [null, 'a.html'],
      [{ data: [1n] }, 'a.json'],
    ] as const;
    for (const [figure, file] of cases)
      await expect(logFigure(figure as never, file)).rejects.toMatchObject(invalid);
    expect(await client.listArtifacts(runId)).toEqual([]);
  });
});

describe('logStream', () => {
  test('writes what comes from streams of Node and the web, from iterables, and bytes', async () => {
    await logStream(Readable.from(['grö', 'ßer']), 'deep/node.txt');
    await logStream(new Blob(['web']).stream(), 'web.txt');
    await client.logStream(runId, [Buffer.from('a'), 'b'], 'pieces.txt');
    await logStream(Buffer.from('bytes'), 'bytes.txt');
    const files = ['deep/node.txt', 'web.txt', 'pieces.txt', 'bytes.txt'];
    expect(await Promise.all(files.map(readText))).toEqual(['größer', 'web', 'ab', 'bytes']);
  });

  test('passes on the error of the stream, and leaves no file', async () => {
    const error = new Error('mine');
    async function* failing() {
      yield 'a';
      throw error;
    }
    await expect(logStream(failing(), 'a.txt')).rejects.toBe(error);
    await expect(logStream(1 as never, 'a.txt')).rejects.toMatchObject(invalid);
    await expect(logStream(['a'], '../a.txt')).rejects.toMatchObject(invalid);
    expect(await client.listArtifacts(runId)).toEqual([]);
  });
});

test('artifacts go to a run that is named, be it active or not', async () => {
  await logText('open', 'a.txt', { runId });
  endRun();
  const other = startRun();
  await logText('ended', 'b.txt', { runId });
  expect((await client.listArtifacts(runId)).map((it) => it.path)).toEqual(['a.txt', 'b.txt']);
  expect(await client.listArtifacts(other.runId)).toEqual([]);
  await expect(logText('x', 'c.txt', { runId: 'f'.repeat(32) })).rejects.toMatchObject({
    code: 'RESOURCE_DOES_NOT_EXIST',
  });
});

test('getArtifactUri tells where a file of the active run lies', async () => {
  const { artifactUri } = (await client.getRun(runId)).info;
  expect(await getArtifactUri()).toBe(artifactUri);
  expect(await getArtifactUri('a/b.txt')).toBe(`${artifactUri}/a/b.txt`);
  await expect(getArtifactUri('../b')).rejects.toMatchObject(invalid);
});
