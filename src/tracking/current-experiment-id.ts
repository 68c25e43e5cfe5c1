import { AutologError } from '../errors.ts';
import { MlflowClient } from './client.ts';
import { currentExperiment, currentStore } from './settings.ts';

/** Id of the experiment in force; a name that is new is created. */
export async function currentExperimentId(): Promise<string> {
  const experiment = currentExperiment(currentStore());
  if ('id' in experiment) return experiment.id;
  const client = new MlflowClient();
  const find = async () => (await client.getExperimentByName(experiment.name))?.experimentId;
  const known = await find();
  if (known !== undefined) return known;
  try {
    return await client.createExperiment(experiment.name);
  } catch (error) {
    if (!(error instanceof AutologError) || error.code !== 'RESOURCE_ALREADY_EXISTS') throw error;
    // Another process was faster.
    const created = await find();
    if (created === undefined) throw error;
    return created;
  }
}
