import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Experiment } from '../entities/experiment.ts';
import type { LoggedModel } from '../entities/logged-model.ts';
import type { Run } from '../entities/run.ts';
import { AutologError } from '../errors.ts';
import { MLMODEL_FILE_NAME, type MlModel, parseMlModel } from '../models/mlmodel.ts';
import { resolveTrackingStore } from '../store/store-uri.ts';
import { allPages } from '../tracking/all-pages.ts';
import { MlflowClient } from '../tracking/client.ts';
import { getTrackingUri } from '../tracking/settings.ts';
import { type ModelView, printRun, type RunView } from './print-run.ts';
import { printTrace } from './print-trace.ts';
import { plain, style } from './terminal.ts';

/** What `autolog show` shows. */
export interface ShowOptions {
  /** @default the tracking URI in force */
  readonly trackingUri?: string;
  /** By name. @default every experiment that has something */
  readonly experiment?: string;
  /** So many runs and so many traces of each experiment, the newest. @default 5 */
  readonly last?: number;
  /** Only runs and traces that began at this moment or later, milliseconds since the Unix epoch. @default 0 */
  readonly sinceMs?: number;
}

/**
 * Lines that show what a store holds: experiments, runs with their curves and models, traces as trees.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST when there is no database, or no experiment of that name.
 */
export async function show(options: ShowOptions = {}): Promise<string[]> {
  const trackingUri = options.trackingUri ?? getTrackingUri();
  await requireDatabase(trackingUri);
  const client = new MlflowClient(trackingUri);
  const lines: string[] = [];
  for (const experiment of await chosen(client, options.experiment)) {
    lines.push(...(await showExperiment(client, experiment, options)));
  }
  if (lines.length === 0) lines.push('Nothing has been recorded here yet.');
  return lines;
}

/** Looking must not make a database where there is none. */
async function requireDatabase(trackingUri: string): Promise<void> {
  const { uri, schema } = resolveTrackingStore(trackingUri);
  const file = /^sqlite:\/\/\/(.*)$/s.exec(uri)?.[1];
  const isThere = file === undefined ? !schema || (await schema.report()).revision !== null : existsSync(file);
  if (isThere) return;
  throw new AutologError(
    'RESOURCE_DOES_NOT_EXIST',
    `Cannot show ${uri}: there is no such database; run a program with autolog() in this folder, or name another one by --tracking-uri.`,
  );
}

async function chosen(client: MlflowClient, name: string | undefined): Promise<readonly Experiment[]> {
  if (name === undefined) return allPages((pageToken) => client.searchExperiments({ pageToken }));
  const experiment = await client.getExperimentByName(name);
  if (experiment !== null) return [experiment];
  const names = (await client.searchExperiments({ maxResults: 20 })).items
    .map((each) => plain(each.name))
    .join(', ');
  throw new AutologError(
    'RESOURCE_DOES_NOT_EXIST',
    `Cannot show experiment '${plain(name)}': there is none of that name; there are ${names}.`,
  );
}

/** More traces than these are on no page. */
const MAX_PAGE = 500;

async function showExperiment(
  client: MlflowClient,
  experiment: Experiment,
  options: ShowOptions,
): Promise<string[]> {
  const { last = 5, sinceMs = 0 } = options;
  const page = { experimentIds: [experiment.experimentId], maxResults: Math.min(last, MAX_PAGE) };
  const runs = await allPages(
    (pageToken) => client.searchRuns({ ...page, filter: `start_time >= ${sinceMs}`, pageToken }),
    last,
  );
  const traces = await allPages(
    (pageToken) => client.searchTraces({ ...page, filter: `timestamp_ms >= ${sinceMs}`, pageToken }),
    last,
  );
  if (runs.length === 0 && traces.length === 0) return [];
  const lines = [
    `${style.heading(`Experiment ${plain(experiment.name)}`)}  ${style.dim(`id ${experiment.experimentId}, artifacts in ${plain(experiment.artifactLocation, 200)}`)}`,
  ];
  for (const run of [...runs].reverse()) lines.push('', ...printRun(await viewOf(client, run)));
  for (const info of [...traces].reverse()) lines.push('', ...printTrace(await client.getTrace(info.traceId)));
  return [...lines, ''];
}

async function viewOf(client: MlflowClient, run: Run): Promise<RunView> {
  const histories = await Promise.all(
    Object.keys(run.metrics).map(
      async (key) => [key, await client.getMetricHistory(run.info.runId, key)] as const,
    ),
  );
  const models = await Promise.all(run.modelOutputs.map(async ({ modelId }) => modelView(client, modelId)));
  return { run, histories: Object.fromEntries(histories), models };
}

async function modelView(client: MlflowClient, modelId: string): Promise<ModelView> {
  const model = await client.getLoggedModel(modelId);
  const file = await readFileOf(model);
  return {
    model,
    sizeBytes: file?.modelSizeBytes ?? null,
    flavors: Object.keys(file?.flavors ?? {}),
    inputs: specs(file?.signature?.inputs),
    outputs: specs(file?.signature?.outputs),
  };
}

/** Null for a model whose files are elsewhere or not complete. */
async function readFileOf({ artifactLocation }: LoggedModel): Promise<MlModel | null> {
  try {
    return await parseMlModel(await readFile(join(artifactLocation, MLMODEL_FILE_NAME), 'utf8'));
  } catch {
    // A missing or broken MLmodel file must not hide the rest.
    return null;
  }
}

/** Reads a stored schema: `name: dtype[shape]` for tensors, `name: type` for columns. */
function specs(schema: string | null | undefined): string[] {
  if (!schema) return [];
  try {
    const fields = JSON.parse(schema) as {
      name?: string;
      type?: string;
      'tensor-spec'?: { dtype: string; shape: number[] };
    }[];
    return fields.map(({ name, type, 'tensor-spec': spec }) => {
      const shown = spec === undefined ? String(type) : `${spec.dtype}[${spec.shape.join(', ')}]`;
      return plain(name === undefined ? shown : `${name}: ${shown}`);
    });
  } catch {
    // Whoever wrote the file, a schema that cannot be read must not hide the rest.
    return ['?'];
  }
}
