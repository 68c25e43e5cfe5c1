let active: { readonly modelId: string | null } | undefined;

/**
 * Id of the logged model that metrics and traces are linked to when they name no other: the one of `setActiveModel`, else
 * `MLFLOW_ACTIVE_MODEL_ID`, as it was when this was first asked.
 */
export function getActiveModelId(): string | null {
  active ??= { modelId: process.env.MLFLOW_ACTIVE_MODEL_ID || null };
  return active.modelId;
}

/** Links metrics and traces to a logged model from now on; null for none. */
export function setActiveModelId(modelId: string | null): void {
  active = { modelId };
}
