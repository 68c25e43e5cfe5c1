/** Keys of MLflow's own tags of runs. Source: mlflow/utils/mlflow_tags.py, read at 3.17. */
export const RUN_TAGS = {
  datasetContext: 'mlflow.data.context',
  gitBranch: 'mlflow.source.git.branch',
  gitCommit: 'mlflow.source.git.commit',
  gitRepoUrl: 'mlflow.source.git.repoURL',
  loggedArtifacts: 'mlflow.loggedArtifacts',
  loggedImages: 'mlflow.loggedImages',
  modelIsExternal: 'mlflow.model.isExternal',
  name: 'mlflow.runName',
  note: 'mlflow.note.content',
  parentRunId: 'mlflow.parentRunId',
  sourceName: 'mlflow.source.name',
  sourceType: 'mlflow.source.type',
  user: 'mlflow.user',
} as const;
