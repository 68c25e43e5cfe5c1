// npx node examples/compare-runs.ts

import {
  logFigure,
  logMetric,
  logParams,
  logTable,
  type RunRow,
  searchRuns,
  setExperiment,
  withRun,
} from 'autolog';

setExperiment('compare runs');

// Fits a line to twelve points by gradient descent, once for each pair of settings.
const points = Array.from({ length: 12 }, (_, x) => ({ x: x / 12, y: 0.5 + 2 * (x / 12) }));
const searchId = await withRun({ runName: 'grid' }, async (grid) => {
  for (const rate of [0.05, 0.2, 0.5])
    for (const momentum of [0, 0.9])
      withRun({ runName: `rate ${rate}, momentum ${momentum}`, nested: true }, () => fitLine(rate, momentum));
  return grid.runId;
});

// Rows as of a DataFrame: the filter and the order are MLflow's.
const rows = await searchRuns({
  filter: `tags.mlflow.parentRunId = '${searchId}' and metrics.loss < 10`,
  orderBy: ['metrics.loss ASC'],
});
console.table(rows.map(toLine));

await withRun({ runId: searchId }, async () => {
  await logTable(rows.map(toLine), 'comparison.json');
  await logFigure(
    {
      data: [{ type: 'bar', x: rows.map((row) => row.runName), y: rows.map((row) => row['metrics.loss']) }],
      layout: { title: { text: 'loss after 60 steps' } },
    },
    'comparison.html',
  );
});
console.log(`best: ${rows[0]?.runName}`);

function toLine(row: RunRow) {
  return { rate: row['params.rate'], momentum: row['params.momentum'], loss: row['metrics.loss'] };
}

function fitLine(rate: number, momentum: number): void {
  logParams({ rate, momentum });
  let [slope, start, slopeSpeed, startSpeed] = [0, 0, 0, 0];
  for (let step = 0; step < 60; step++) {
    const errors = points.map(({ x, y }) => start + slope * x - y);
    logMetric('loss', mean(errors.map((error) => error ** 2)), { step });
    slopeSpeed = momentum * slopeSpeed - rate * mean(errors.map((error, i) => error * (points[i]?.x ?? 0)));
    startSpeed = momentum * startSpeed - rate * mean(errors);
    slope += slopeSpeed;
    start += startSpeed;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
