import type { ConfigurationProblem } from '../../configuration/sources.ts';
import type { Problem, ProcessDiagnosis, ScriptDiagnosis, StoreDiagnosis } from './diagnosis.ts';
import { copyProblems } from './library-problems.ts';

/** What is to be put right, and what is worth knowing, in the order of importance. */
export interface Findings {
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
}

/** Judges what a process has told of itself. */
export function findProblems(process: ProcessDiagnosis, script: ScriptDiagnosis | null): Findings {
  const problems: Problem[] = [];
  const notes: string[] = [];
  if (process.isSwitchedOff) {
    problems.push({
      what: 'AUTOLOG_DISABLED is set: autologging is off for the whole process',
      fix: 'unset AUTOLOG_DISABLED',
    });
  } else if (!process.wasEnabled) {
    problems.push(neverEnabled(script));
  }
  problems.push(...process.configuration.problems.map((each) => configurationProblem(each, process)));
  problems.push(...storeProblems(process));
  const findings = copyProblems(process, script);
  problems.push(...findings.problems);
  notes.push(...findings.notes, ...surroundings(process));
  for (const [where, count] of Object.entries(process.failures)) {
    problems.push({
      what: `autologging failed ${count === 1 ? 'once' : `${count} times`} at: ${where}`,
      fix: `AUTOLOG_TESTING=1 node ${script === null ? "--import autolog/register -e ''" : script.path}`,
    });
  }
  return { problems, notes };
}

function neverEnabled(script: ScriptDiagnosis | null): Problem {
  if (script?.enabledBy === 'program' && script.exitCode !== 0) {
    return {
      what: 'the program has failed before autologging was on',
      fix: `node ${script.path} shows the error, which may be autolog()'s own`,
    };
  }
  return {
    what: 'nothing has turned autologging on: autolog() was never called',
    fix: `node --import autolog/register ${script?.path ?? 'app.js'}`,
  };
}

function configurationProblem(
  { origin, message }: ConfigurationProblem,
  { configuration }: ProcessDiagnosis,
): Problem {
  const what = message.replace(/\.$/, '');
  const value = configuration.variables[origin];
  if (value === undefined) return { what, fix: `$EDITOR '${origin}'` };
  const meant = /did you mean (\w+)\?/.exec(message)?.[1];
  return { what, fix: meant === undefined ? `unset ${origin}` : `export ${meant}='${value}'; unset ${origin}` };
}

/** The command that leads elsewhere, or back to what is there by itself. */
function storeFix({ file, exists, problem, trackingUriOrigin, experimentOrigin }: StoreDiagnosis): string {
  if (problem !== null && /experiment/i.test(problem)) {
    const isVariable = experimentOrigin.startsWith('MLFLOW_');
    return isVariable ? `unset ${experimentOrigin}` : 'export MLFLOW_EXPERIMENT_NAME=Default';
  }
  if (problem !== null && exists && problem.includes('may not write')) return `chmod u+rw '${file}'`;
  if (trackingUriOrigin === 'MLFLOW_TRACKING_URI') return 'unset MLFLOW_TRACKING_URI';
  return 'export MLFLOW_TRACKING_URI="sqlite:///$HOME/mlflow.db"';
}

function storeProblems({ store, written }: ProcessDiagnosis): Problem[] {
  const problems: Problem[] = [];
  if (store.problem !== null) {
    const what = `nothing can be recorded: ${store.problem.replace(/\.$/, '')}`;
    problems.push({ what, fix: storeFix(store) });
  }
  for (const { uri, unkeptCount } of written.filter((each) => each.unkeptCount > 0)) {
    problems.push({
      what: `${unkeptCount} records for ${uri} could not be kept`,
      fix: `df -h '${store.journals.folder ?? '.'}'`,
    });
  }
  if (store.rejected !== null) {
    problems.push({
      what: 'the store has refused records; each stands there with the reason',
      fix: `cat '${store.rejected}'`,
    });
  }
  return problems;
}

function surroundings({ loading, store, otherTracers, node }: ProcessDiagnosis): string[] {
  const notes: string[] = [];
  if (loading.tier === 'limited') {
    notes.push(
      `Node ${node.version} lets ES modules be found only once they have loaded; Node 22.22.3, 24.11.1 or later sees them at once.`,
    );
  }
  if (loading.tier === 'foreign')
    notes.push('This runtime is not Node: libraries are found as far as it lets them be.');
  const { waiting, folder } = store.journals;
  if (waiting > 0) {
    const journals =
      waiting === 1
        ? 'A journal of a process that runs or has died waits'
        : `${waiting} journals of processes that run or have died wait`;
    notes.push(`${journals} in ${folder}; \`npx autolog show\` delivers those of the dead.`);
  }
  const loaded = otherTracers.filter(({ state }) => state === 'loaded').map(({ name }) => name);
  if (loaded.length > 0) notes.push(`Other tracers are active too: ${loaded.join(', ')}. Both record each call.`);
  return notes;
}
