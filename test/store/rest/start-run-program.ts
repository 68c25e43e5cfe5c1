import { setExperiment, setTrackingUri, withRun } from '../../../src/index.ts';

// Prints what becomes of each step, as a list in JSON: the options of a run, or an experiment to set.
const [uri = '', steps = '[]'] = process.argv.slice(2);
setTrackingUri(uri);
process.stdout.write(JSON.stringify(JSON.parse(steps).map(outcomeOf)));

function outcomeOf(step: {
  runId?: string;
  parentRunId?: string;
  setExperiment?: { name: string } | { id: string };
}) {
  try {
    if (step.setExperiment) return setExperiment(step.setExperiment);
    return withRun(step, ({ runId, runName, experiment, tags }) => ({ runId, runName, experiment, tags }));
  } catch (error) {
    return (error as Error).message;
  }
}
