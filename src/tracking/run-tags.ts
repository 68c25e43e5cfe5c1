import os from 'node:os';
import { isAbsolute, relative } from 'node:path';

/** Keys of MLflow's own tags of runs. Source: mlflow/utils/mlflow_tags.py, read at 3.17. */
export const RUN_TAGS = {
  datasetContext: 'mlflow.data.context',
  name: 'mlflow.runName',
  note: 'mlflow.note.content',
  parentRunId: 'mlflow.parentRunId',
  sourceName: 'mlflow.source.name',
  sourceType: 'mlflow.source.type',
  user: 'mlflow.user',
} as const;

/** Tags that say who and what began a run. */
export function sourceTags(): Record<string, string> {
  return {
    [RUN_TAGS.user]: userName(),
    [RUN_TAGS.sourceName]: programName(),
    [RUN_TAGS.sourceType]: 'LOCAL',
  };
}

let user: string | undefined;

function userName(): string {
  const { MLFLOW_TRACKING_USERNAME, LOGNAME, USER, LNAME, USERNAME } = process.env;
  user ??= systemUserName();
  return MLFLOW_TRACKING_USERNAME || LOGNAME || USER || LNAME || USERNAME || user;
}

function systemUserName(): string {
  try {
    return os.userInfo().username;
  } catch {
    // ENOENT: a container may run under a user id that has no name.
    return 'unknown';
  }
}

/** The main script, below the working folder as a relative path. */
function programName(): string {
  const script = process.argv[1];
  if (!script) return '<console>';
  const path = relative(process.cwd(), script);
  return path === '' || path.startsWith('..') || isAbsolute(path) ? script : path;
}
