/** MLflow's error codes that this package raises; over HTTP each maps to one status. */
export type ErrorCode =
  | 'INVALID_PARAMETER_VALUE'
  | 'RESOURCE_ALREADY_EXISTS'
  | 'BAD_REQUEST'
  | 'UNAUTHENTICATED'
  | 'CUSTOMER_UNAUTHORIZED'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_DOES_NOT_EXIST'
  | 'NOT_FOUND'
  | 'ENDPOINT_NOT_FOUND'
  | 'ABORTED'
  | 'RESOURCE_CONFLICT'
  | 'ALREADY_EXISTS'
  | 'REQUEST_LIMIT_EXCEEDED'
  | 'RESOURCE_EXHAUSTED'
  | 'CANCELLED'
  | 'INTERNAL_ERROR'
  | 'INVALID_STATE'
  | 'DATA_LOSS'
  | 'FEATURE_DISABLED'
  | 'NOT_IMPLEMENTED'
  | 'TEMPORARILY_UNAVAILABLE'
  | 'DEADLINE_EXCEEDED';

const HTTP_STATUS: Record<ErrorCode, number> = {
  INVALID_PARAMETER_VALUE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  CUSTOMER_UNAUTHORIZED: 401,
  PERMISSION_DENIED: 403,
  RESOURCE_DOES_NOT_EXIST: 404,
  NOT_FOUND: 404,
  ENDPOINT_NOT_FOUND: 404,
  ABORTED: 409,
  RESOURCE_CONFLICT: 409,
  ALREADY_EXISTS: 409,
  REQUEST_LIMIT_EXCEEDED: 429,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  INTERNAL_ERROR: 500,
  INVALID_STATE: 500,
  DATA_LOSS: 500,
  FEATURE_DISABLED: 500,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
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
