import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resetIntegrations } from '../autologging/registry.ts';
import { shutdown } from '../tracking/delivery/writers.ts';
import { getTrackingUri, setTrackingUri } from '../tracking/settings.ts';

const SETTINGS = [
  'AUTOLOG_TESTING',
  'MLFLOW_EXPERIMENT_ID',
  'MLFLOW_EXPERIMENT_NAME',
  'MLFLOW_RUN_ID',
  'MLFLOW_TRACKING_URI',
];

/**
 * Runs a check with an empty store of its own, in standard mode; afterwards every integration is off, the store is gone
 * and the settings of the process are as they were.
 */
export async function withOwnStore(check: () => Promise<void>): Promise<void> {
  const settings = SETTINGS.map((name) => [name, process.env[name]] as const);
  const trackingUri = getTrackingUri();
  const folder = await mkdtemp(join(tmpdir(), 'autolog-contract-'));
  resetIntegrations();
  for (const name of SETTINGS) delete process.env[name];
  setTrackingUri(`sqlite:///${join(folder, 'mlflow.db')}`);
  try {
    await check();
  } finally {
    resetIntegrations();
    await shutdown();
    setTrackingUri(trackingUri);
    for (const [name, value] of settings) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await rm(folder, { recursive: true, force: true });
  }
}
