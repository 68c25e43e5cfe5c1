import { AutologError, type ErrorCode, errorMessage } from '../errors.ts';
import { codeOf, isTlsError } from './retry.ts';

/** A request that a server refused, or that got no answer. */
export class ServerError extends AutologError {
  /** HTTP status of the answer; null where there was none, or one that was cut off. */
  readonly status: number | null;

  constructor(code: ErrorCode, message: string, status: number | null, options?: { cause?: unknown }) {
    super(code, message, options);
    this.status = status;
  }
}

/** Turns an answer into the error that it tells: MLflow's code where it has one, else that of its status. */
export function toServerError(attempt: string, status: number, text: string): ServerError {
  const answer = parseAnswer(text);
  if (answer !== undefined) {
    const code = CODES.has(answer.error_code) ? (answer.error_code as ErrorCode) : codeOfStatus(status);
    return new ServerError(
      code,
      `Cannot ${attempt}: ${toShown(answer.message || answer.error_code, MAX_MESSAGE)}`,
      status,
    );
  }
  const said = toShown(text, MAX_PAGE)
    .replaceAll(/<[^<>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 200);
  return new ServerError(
    codeOfStatus(status),
    `Cannot ${attempt}: the server answered ${status}${said === '' ? '' : ` (${said})`}; ${HINTS[status] ?? 'see its log'}.`,
    status,
  );
}

/** Characters of what a server says: it may say anything. */
const MAX_MESSAGE = 4000;
const MAX_PAGE = 16_000;

/** Without what could move a terminal's cursor, cut to a length. */
function toShown(text: string, maxLength: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be removed
  const shown = text.slice(0, maxLength).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, ' ');
  return text.length <= maxLength ? shown : `${shown}…`;
}

/** Turns what Node or undici threw into the error of the attempt. */
export function toConnectionError(attempt: string, error: unknown, timeoutMs: number): ServerError {
  const code = codeOf(error);
  const cause = { cause: error };
  if (isTlsError(error)) {
    const hint = 'set MLFLOW_TRACKING_SERVER_CERT_PATH to the authority that has signed it';
    return new ServerError(
      'UNAUTHENTICATED',
      `Cannot ${attempt}: its certificate is not trusted (${code}); ${hint}.`,
      null,
      cause,
    );
  }
  const reason = /TIMEOUT/.test(code)
    ? `there was no answer within ${timeoutMs / 1000} s; see the server, or set MLFLOW_HTTP_REQUEST_TIMEOUT (seconds)`
    : `${REASONS[code] ?? (errorMessage(error) || code)}; start the server, or check the URI`;
  return new ServerError('TEMPORARILY_UNAVAILABLE', `Cannot ${attempt}: ${reason}.`, null, cause);
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'there is no host of this name',
  ECONNRESET: 'the connection broke',
  UND_ERR_SOCKET: 'the connection broke',
  UND_ERR_ABORTED: 'it was ended on our side',
  ABORT_ERR: 'it was ended on our side',
};

const HINTS: Readonly<Record<number, string>> = {
  401: 'give it the right name and password (in the URI, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD) or token (MLFLOW_TRACKING_TOKEN, or DATABRICKS_TOKEN)',
  403: 'see what this user may do there',
  404: 'see whether the URI is that of an MLflow server, and its version',
};

const STATUS_CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  // MLflow's own 404s are JSON: this one is of a server that does not know the path.
  404: 'ENDPOINT_NOT_FOUND',
  405: 'ENDPOINT_NOT_FOUND',
  408: 'TEMPORARILY_UNAVAILABLE',
  409: 'RESOURCE_CONFLICT',
  413: 'BAD_REQUEST',
  429: 'REQUEST_LIMIT_EXCEEDED',
  501: 'NOT_IMPLEMENTED',
  502: 'TEMPORARILY_UNAVAILABLE',
  503: 'TEMPORARILY_UNAVAILABLE',
  504: 'TEMPORARILY_UNAVAILABLE',
};

const CODES: ReadonlySet<string> = new Set<ErrorCode>([
  'INVALID_PARAMETER_VALUE',
  'RESOURCE_ALREADY_EXISTS',
  'BAD_REQUEST',
  'UNAUTHENTICATED',
  'CUSTOMER_UNAUTHORIZED',
  'PERMISSION_DENIED',
  'RESOURCE_DOES_NOT_EXIST',
  'NOT_FOUND',
  'ENDPOINT_NOT_FOUND',
  'ABORTED',
  'RESOURCE_CONFLICT',
  'ALREADY_EXISTS',
  'REQUEST_LIMIT_EXCEEDED',
  'RESOURCE_EXHAUSTED',
  'CANCELLED',
  'INTERNAL_ERROR',
  'INVALID_STATE',
  'DATA_LOSS',
  'FEATURE_DISABLED',
  'NOT_IMPLEMENTED',
  'TEMPORARILY_UNAVAILABLE',
  'DEADLINE_EXCEEDED',
]);

function codeOfStatus(status: number): ErrorCode {
  return STATUS_CODES[status] ?? (status < 500 ? 'BAD_REQUEST' : 'INTERNAL_ERROR');
}

function parseAnswer(text: string): { readonly error_code: string; readonly message: string } | undefined {
  try {
    const { error_code: code, message } = JSON.parse(text) ?? {};
    if (typeof code !== 'string') return undefined;
    return { error_code: code, message: typeof message === 'string' ? message : '' };
  } catch {
    // SyntaxError: a page or plain text, from a proxy or the web framework.
    return undefined;
  }
}
