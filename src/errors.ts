/** MLflow's error codes that this package raises; over HTTP each maps to one status. */
export type ErrorCode =
  | 'INVALID_PARAMETER_VALUE'
  | 'RESOURCE_ALREADY_EXISTS'
  | 'BAD_REQUEST'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_DOES_NOT_EXIST'
  | 'RESOURCE_EXHAUSTED'
  | 'INTERNAL_ERROR'
  | 'INVALID_STATE'
  | 'NOT_IMPLEMENTED'
  | 'TEMPORARILY_UNAVAILABLE';

const HTTP_STATUS: Record<ErrorCode, number> = {
  INVALID_PARAMETER_VALUE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  BAD_REQUEST: 400,
  PERMISSION_DENIED: 403,
  RESOURCE_DOES_NOT_EXIST: 404,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL_ERROR: 500,
  INVALID_STATE: 500,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
};

/**
 * Reports what was attempted, on what, why it failed and what to do, with MLflow's error code.
 *
 * Source: mlflow/exceptions.py and mlflow/protos/databricks.proto, read at 3.17.
 */
export class AutologError extends Error {
  override readonly name = 'AutologError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** HTTP status that MLflow's REST API answers with for this code. */
  get httpStatus(): number {
    return HTTP_STATUS[this.code];
  }
}

/** Shorthand for the error that bad input gets. */
export function invalidParameter(message: string): AutologError {
  return new AutologError('INVALID_PARAMETER_VALUE', message);
}

/**
 * Checks what is to be called.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no function; `attempt` begins the message, `hint` ends it.
 */
export function checkFunction(attempt: string, fn: unknown, hint: string): void {
  if (typeof fn === 'function') return;
  throw invalidParameter(`${attempt}: found ${fn === null ? 'null' : typeof fn}, not a function; ${hint}.`);
}

/** Text of whatever was thrown: an error's message, else its string form; never throws. */
export function errorMessage(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    // Objects without a prototype, proxies and throwing getters have no string form.
    return 'unknown error';
  }
}
