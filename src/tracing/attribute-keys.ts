/** Keys of span attributes, trace metadata and trace tags, as MLflow names them (mlflow/tracing/constant.py, 3.17). */
export const AttributeKey = {
  traceId: 'mlflow.traceRequestId',
  type: 'mlflow.spanType',
  inputs: 'mlflow.spanInputs',
  outputs: 'mlflow.spanOutputs',
  functionName: 'mlflow.spanFunctionName',
  usage: 'mlflow.chat.tokenUsage',
  tools: 'mlflow.chat.tools',
  model: 'mlflow.llm.model',
  provider: 'mlflow.llm.provider',
  messageFormat: 'mlflow.message.format',
  /** OpenTelemetry's; the first one found in a trace becomes its session. */
  session: 'session.id',
  /** OpenTelemetry's; the first one found in a trace becomes its user. */
  user: 'user.id',
} as const;

/** Keys of a trace's metadata and tags. */
export const TraceKey = {
  schemaVersion: 'mlflow.trace_schema.version',
  sourceRun: 'mlflow.sourceRun',
  inputs: 'mlflow.traceInputs',
  outputs: 'mlflow.traceOutputs',
  usage: 'mlflow.trace.tokenUsage',
  sizeBytes: 'mlflow.trace.sizeBytes',
  name: 'mlflow.traceName',
  session: 'mlflow.trace.session',
  user: 'mlflow.trace.user',
} as const;
