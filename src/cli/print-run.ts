import type { DatasetInput } from '../entities/dataset.ts';
import type { LoggedModel } from '../entities/logged-model.ts';
import type { Metric } from '../entities/metric.ts';
import type { Run } from '../entities/run.ts';
import { chart } from './chart.ts';
import { duration, hasColors, number, plain, size, style, table } from './terminal.ts';

/** A run with what is needed to show it. */
export interface RunView {
  readonly run: Run;
  readonly histories: Readonly<Record<string, readonly Metric[]>>;
  readonly models: readonly ModelView[];
}

/** A logged model with what its MLmodel file says. */
export interface ModelView {
  readonly model: LoggedModel;
  readonly sizeBytes: number | null;
  readonly flavors: readonly string[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Lines of a run: status, params, curves, last metrics, data and models. */
export function printRun({ run, histories, models }: RunView): string[] {
  const { info } = run;
  const took = info.endTime === null ? 'still running' : duration(info.endTime - info.startTime);
  const status = info.status === 'FINISHED' ? style.good(info.status) : style.bad(info.status);
  const parent = run.tags['mlflow.parentRunId'];
  const within = parent === undefined ? '' : `  ${style.dim(`within ${plain(parent)}`)}`;
  return [
    `${style.heading(plain(info.runName))}  ${plain(run.tags['mlflow.source.name'] ?? '')}  ${status}  ${took}  ${style.dim(info.runId)}${within}`,
    ...printParams(run.params),
    ...printCurves(histories),
    ...printMetrics(run.metrics),
    ...run.datasetInputs.map(printDataset),
    ...models.flatMap(printModel),
  ];
}

function printParams(params: Readonly<Record<string, string>>): string[] {
  const cells = Object.entries(params).map(([key, value]) => `${style.dim(plain(key))} ${plain(value, 40)}`);
  const rows = Array.from({ length: Math.ceil(cells.length / 3) }, (_, i) => cells.slice(i * 3, i * 3 + 3));
  return table(rows, '  ');
}

/** Draws the curve of a metric and of its validation counterpart: in one chart by colours, else in one each. */
function printCurves(histories: Readonly<Record<string, readonly Metric[]>>): string[] {
  const names = Object.keys(histories).filter((name) => (histories[name]?.length ?? 0) > 2);
  const bases = names.filter((name) => !name.startsWith('val_') && !name.startsWith('batch_')).slice(0, 2);
  const charts = bases.flatMap((name) => {
    const pair = [name, `val_${name}`].filter((each) => names.includes(each));
    return hasColors() ? [pair] : pair.map((each) => [each]);
  });
  return charts.flatMap((group) => {
    const series = Object.fromEntries(group.map((name) => [name, histories[name] ?? []]));
    return ['', ...chart(series).map((line) => `  ${line}`)];
  });
}

function printDataset({ dataset, tags }: DatasetInput): string {
  const role = tags['mlflow.data.context'] ?? '';
  return `  ${style.dim('data')} ${plain(role)}: ${plain(dataset.name)}  ${plain(sizeOf(dataset.profile))}  ${style.dim(`digest ${plain(dataset.digest)}`)}`;
}

/** Rows and shape out of a dataset's profile, as far as it tells them. */
function sizeOf(profile: string | null): string {
  try {
    const { num_rows: rows, features_shape: shape } = JSON.parse(profile ?? '{}') as Record<string, unknown>;
    return [
      rows === undefined ? '' : `${rows} rows`,
      shape === undefined ? '' : `features ${JSON.stringify(shape)}`,
    ]
      .filter((part) => part !== '')
      .join(', ');
  } catch {
    // Whoever wrote it, a profile that is no JSON must not hide the rest.
    return '';
  }
}

function printMetrics(metrics: Readonly<Record<string, Metric>>): string[] {
  const cells = Object.values(metrics).map(({ key, value }) => `${style.dim(plain(key))} ${number(value)}`);
  const rows = Array.from({ length: Math.ceil(cells.length / 5) }, (_, i) => cells.slice(i * 5, i * 5 + 5));
  return cells.length === 0 ? [] : ['', `  ${style.dim('last value of each metric')}`, ...table(rows, '  ')];
}

function printModel({ model, sizeBytes, flavors, inputs, outputs }: ModelView): string[] {
  const parts = [
    `'${plain(model.name)}'`,
    flavors.map((flavor) => plain(flavor)).join(', '),
    sizeBytes === null ? '' : size(sizeBytes),
    model.status,
    style.dim(`models:/${model.modelId}`),
  ];
  const signature = [inputs.join(', '), outputs.join(', ')].filter((part) => part !== '').join(' → ');
  return [
    `  ${style.dim('model')} ${parts.filter((part) => part !== '').join('  ')}`,
    ...(signature === '' ? [] : [`        ${signature}`]),
  ];
}
