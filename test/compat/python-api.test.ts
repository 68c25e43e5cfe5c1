import { describe, expect, it } from 'vitest';
import { requireMlflow } from '../support/requirements.ts';
import { pythonApiDocs } from '../tracking/python-api-docs.ts';
import { runPython } from './python.ts';

interface PythonNames {
  readonly functions: readonly string[];
  /** Keys of system metrics, as the sources write them: `gpu_{i}_utilization_percentage`. */
  readonly systemMetrics: readonly string[];
}

const mlflow = requireMlflow();

describe.skipIf(mlflow.isMissing)(mlflow.title('the names of MLflow’s Python package'), () => {
  it('are all in docs/python-api.md', async () => {
    const { functions } = await runPython<PythonNames>('public_names.py');
    const documented = pythonApiDocs().functions;
    expect(functions.length).toBeGreaterThan(200);
    expect(functions.filter((name) => !documented.has(name))).toEqual([]);
    expect([...documented.keys()].filter((name) => !functions.includes(name))).toEqual([]);
  });

  it('of system metrics are those that are logged here', async () => {
    const { systemMetrics } = await runPython<PythonNames>('public_names.py');
    const { MachineSampler } = await import('../../src/tracking/system-metrics/machine-sampler.ts');
    const { NetworkSampler } = await import('../../src/tracking/system-metrics/network-sampler.ts');
    const { parseGpus } = await import('../../src/tracking/system-metrics/gpu-sampler.ts');
    const machine = new MachineSampler();
    const until = Date.now() + 100;
    while (Date.now() < until);
    const samples = [await machine.sample(), await new NetworkSampler().sample(), parseGpus('0, 1, 2, 3, 4, 5')];
    const ours = samples.flatMap((sample) => Object.keys(sample)).map((key) => key.replace('gpu_0', 'gpu_{i}'));
    expect(ours.sort()).toEqual(systemMetrics);
  });
});
