import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PAIRS = 11;
const EPOCHS = 40;

/** Time of the same training with and without autologging, alternately in one process. */
export async function measureTraining() {
  const { first, results } = train();
  const { loss } = results[0].plain;
  if (!results.every(({ plain, logged }) => plain.loss === loss && logged.loss === loss)) {
    throw new Error('training with and without autologging gave different losses');
  }
  const ratios = (what) => results.map(({ plain, logged }) => logged[what] / plain[what]);
  const spread = (values) => `pairs ${Math.min(...values).toFixed(3)} to ${Math.max(...values).toFixed(3)}`;
  return [
    {
      name: 'tfjs fit, plain',
      value: median(results.map(({ plain }) => plain.wallMs)),
      unit: 'ms',
      note: `13-50-50-1 on Boston, ${EPOCHS} epochs of 13 batches; median of ${PAIRS}`,
    },
    {
      name: 'tfjs fit, our share',
      value: 1 + median(results.map(({ logged }) => logged.ownMs / (logged.wallMs - logged.ownMs))),
      unit: 'ratio',
      aim: '<= 1.01',
      note: 'clocked in the logged fits: callbacks, params, summary, data set, model, run',
    },
    {
      name: 'tfjs fit, with / without',
      value: median(ratios('wallMs')),
      unit: 'ratio',
      note: `${spread(ratios('wallMs'))}; losses identical`,
    },
    {
      name: 'tfjs fit, processor time with / without',
      value: median(ratios('cpuMs')),
      unit: 'ratio',
      note: spread(ratios('cpuMs')),
    },
    {
      name: 'tfjs, first fit of a process (1 epoch)',
      value: first.wallMs,
      unit: 'ms',
      note: 'makes the database and loads what writes models',
    },
  ];
}

function train() {
  const folder = mkdtempSync(join(tmpdir(), 'autolog-bench-'));
  try {
    const program = new URL('training-program.mjs', import.meta.url).pathname;
    const env = { ...process.env, MLFLOW_TRACKING_URI: `sqlite:///${join(folder, 'mlflow.db')}` };
    const output = execFileSync(process.execPath, [program, PAIRS, EPOCHS], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return JSON.parse(output.toString().trim().split('\n').at(-1));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
