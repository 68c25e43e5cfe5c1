/** Keys of a trace's metadata and tags. Source: mlflow/tracing/constant.py, read at 3.17. */
export const TraceKey = {
  schemaVersion: 'mlflow.trace_schema.version',
  sourceRun: 'mlflow.sourceRun',
  modelId: 'mlflow.modelId',
  inputs: 'mlflow.traceInputs',
  outputs: 'mlflow.traceOutputs',
  usage: 'mlflow.trace.tokenUsage',
  cost: 'mlflow.trace.cost',
  sizeBytes: 'mlflow.trace.sizeBytes',
  sizeStats: 'mlflow.trace.sizeStats',
  infoFinalized: 'mlflow.trace.infoFinalized',
  name: 'mlflow.traceName',
  session: 'mlflow.trace.session',
  user: 'mlflow.trace.user',
  spansLocation: 'mlflow.trace.spansLocation',
  artifactLocation: 'mlflow.artifactLocation',
  linkedPrompts: 'mlflow.linkedPrompts',
} as const;
