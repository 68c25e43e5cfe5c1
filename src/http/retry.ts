import type { HttpSettings } from './http-settings.ts';

/** Statuses of a server that may answer well the next time. Source: mlflow/utils/request_utils.py, read at 3.17.2. */
const TRANSIENT = new Set([408, 429, 500, 502, 503, 504]);

/** Statuses with which a server says that it has done nothing. */
const NOTHING_DONE = new Set([429, 503]);

/** Errors of Node and undici before anything was sent. */
const NOTHING_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

const LONGEST_PAUSE_MS = 120_000;

/** Codes with which MLflow answers 500 to what will never be right. */
const FINAL = /"error_code":\s*"(INVALID_STATE|FEATURE_DISABLED|DATA_LOSS|NOT_IMPLEMENTED)"/;

/** Whether a request that got this answer is made again; one that must not be done twice only where nothing was done. */
export function mayRetryStatus(status: number, text: string, isIdempotent: boolean): boolean {
  if (FINAL.test(text)) return false;
  return isIdempotent ? TRANSIENT.has(status) : NOTHING_DONE.has(status);
}

/** Whether a request that failed without an answer is made again. */
export function mayRetryError(error: unknown, isIdempotent: boolean): boolean {
  return !isTlsError(error) && (isIdempotent || NOTHING_SENT.has(codeOf(error)));
}

/** Whether the server's certificate, or ours, was not accepted: the next time will be no better. */
export function isTlsError(error: unknown): boolean {
  return /CERT|SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|HOSTNAME_MISMATCH/.test(codeOf(error));
}

/** The code of an error of Node or undici, or that of its cause; empty where there is none. */
export function codeOf(error: unknown): string {
  const { name, code, cause, errors } = (error ?? {}) as Record<string, unknown> & { errors?: unknown[] };
  if (name === 'AbortError') return 'ABORT_ERR';
  if (typeof code === 'string') return code;
  if (cause !== undefined) return codeOf(cause);
  return errors?.length ? codeOf(errors[0]) : '';
}

/**
 * Milliseconds to wait before a retry: none before the first, then twice as long each time, with a random part; or what
 * the server asks for.
 */
export function pauseBefore(retry: number, settings: HttpSettings, retryAfter: string | undefined): number {
  const asked = settings.respectsRetryAfter ? parseRetryAfter(retryAfter) : undefined;
  if (asked !== undefined) return Math.min(LONGEST_PAUSE_MS, asked);
  if (retry <= 1) return 0;
  const seconds = settings.backoffFactor * 2 ** (retry - 1) + Math.random() * settings.backoffJitter;
  return Math.min(LONGEST_PAUSE_MS, 1000 * seconds);
}

function parseRetryAfter(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(text)) return 1000 * Number(text);
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : Math.max(0, time - Date.now());
}
