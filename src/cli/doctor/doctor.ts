import fs from 'node:fs';
import path from 'node:path';
import { AutologError } from '../../errors.ts';
import { countRecorded } from './count-recorded.ts';
import type { Diagnosis, ScriptDiagnosis } from './diagnosis.ts';
import { findProblems } from './find-problems.ts';
import { enablesAutolog, packageFolderFor } from './program-text.ts';
import { type ProcessEnd, runDiagnosed } from './run-process.ts';
import { lookAtStore } from './store-diagnosis.ts';

/** What is examined. */
export interface DoctorOptions {
  /** Script to run. @default none: a look at the working folder */
  readonly script?: string | undefined;
  /** Arguments of the script. @default [] */
  readonly args?: readonly string[];
}

/**
 * Examines how autologging stands in the working folder, or in a script, which is run.
 *
 * A script that does not turn autologging on itself is run as `node --import autolog/register` would.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for a script that is not there.
 */
export async function examine({ script, args = [] }: DoctorOptions = {}): Promise<Diagnosis> {
  if (script === undefined) {
    const end = await runDiagnosed({ args: ['-e', ''], register: true, stdio: 'ignore' });
    return diagnose(end, null);
  }
  const file = path.resolve(script);
  if (!fs.existsSync(file)) {
    throw new AutologError(
      'RESOURCE_DOES_NOT_EXIST',
      `Cannot examine '${script}': there is no such file; give the path of a script.`,
    );
  }
  const enabledBy = enablesAutolog(file) ? 'program' : 'register';
  const sinceMs = Date.now();
  const end = await runDiagnosed({
    args: [script, ...args],
    register: enabledBy === 'register',
    packageFolder: packageFolderFor(file),
    stdio: 'inherit',
  });
  const { exitCode, signal } = end;
  const uris = end.diagnosis?.written.map(({ uri }) => uri) ?? ownStore();
  const recorded = await countRecorded(uris, sinceMs);
  return diagnose(end, { path: script, exitCode, signal, enabledBy, recorded });
}

/** A killed process cannot tell where it recorded; most do so where this one would. */
function ownStore(): string[] {
  const { trackingUri, problem } = lookAtStore();
  return trackingUri === null || problem !== null ? [] : [trackingUri];
}

function diagnose({ diagnosis, failure }: ProcessEnd, script: ScriptDiagnosis | null): Diagnosis {
  if (diagnosis === null) return { ...unknownEnd(failure, script), script, process: null };
  const { problems, notes } = findProblems(diagnosis, script);
  return { isHealthy: problems.length === 0, problems, notes, script, process: diagnosis };
}

function unknownEnd(
  failure: string | null,
  script: ScriptDiagnosis | null,
): Pick<Diagnosis, 'isHealthy' | 'problems' | 'notes'> {
  const by = script?.signal ? `, by ${script.signal}` : '';
  const problem =
    failure === null
      ? {
          what: `the process ended before it could tell its state${by}`,
          fix:
            script === null
              ? `node --import autolog/register -e '' shows why`
              : 'let it end by itself, or by process.exit()',
        }
      : { what: `the state cannot be told: ${failure}`, fix: 'npm install autolog' };
  return { isHealthy: false, problems: [problem], notes: [] };
}
