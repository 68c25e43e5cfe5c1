// npx node examples/runs-by-hand.ts

import { logMetric, logParams, logText, MlflowClient, setTag, withRun } from 'autolog';

// Minimises (x - 3)² + 1 by gradient descent, once for each learning rate.
const rates = [0.02, 0.1, 0.4];
const stepCount = 25;

const searchId = await withRun({ runName: 'learning-rate-search' }, async (search) => {
  setTag('question', 'which learning rate gets nearest to the minimum?');
  const results: { rate: number; loss: number }[] = [];
  for (const rate of rates) {
    const loss = await withRun({ runName: `rate-${rate}`, nested: true }, () => descend(rate));
    results.push({ rate, loss });
  }
  const best = results.reduce((left, right) => (right.loss < left.loss ? right : left));
  logParams({ rates: rates.join(', '), best_rate: best.rate });
  const lines = results.map(({ rate, loss }) => `rate ${rate}: loss ${loss.toFixed(6)}`);
  await logText(`${lines.join('\n')}\n`, 'summary.txt');
  return search.runId;
});

const client = new MlflowClient();
const search = await client.getRun(searchId);
console.log(`${search.info.runName} is ${search.info.status}; best rate: ${search.params.best_rate}`);

for (const run of (await client.searchRuns({ experimentIds: [search.info.experimentId] })).items) {
  if (run.tags['mlflow.parentRunId'] !== searchId) continue;
  const history = await client.getMetricHistory(run.info.runId, 'loss');
  const ends = [history.at(0), history.at(-1)].map((point) => point?.value.toFixed(4));
  console.log(`${run.info.runName}: ${history.length} points, loss from ${ends.join(' to ')}`);
}

function descend(rate: number): number {
  logParams({ rate, steps: stepCount });
  let x = 0;
  for (let step = 0; step < stepCount; step++) {
    logMetric('loss', lossAt(x), { step });
    x -= rate * 2 * (x - 3);
  }
  return lossAt(x);
}

function lossAt(x: number): number {
  return (x - 3) ** 2 + 1;
}
