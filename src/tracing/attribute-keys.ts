/** Keys of span attributes, as MLflow names them (mlflow/tracing/constant.py, 3.17). */
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
  cost: 'mlflow.llm.cost',
  messageFormat: 'mlflow.message.format',
  /** OpenTelemetry's; the first one found in a trace becomes its session. */
  session: 'session.id',
  /** OpenTelemetry's; the first one found in a trace becomes its user. */
  user: 'user.id',
} as const;
