import { isRefusal, type RestApi } from './rest-api.ts';

/** Time for the answer, in milliseconds. */
const TIMEOUT_MS = 3000;

/**
 * Asks a server for its version, as `[major, minor]`; null where it does not tell, as Databricks and servers before 1.0.
 *
 * @throws {AutologError} when the server cannot be reached: nothing can be concluded then.
 */
export async function readServerVersion(api: RestApi): Promise<readonly [number, number] | null> {
  try {
    const request = { method: 'GET', path: '/version', isIdempotent: true } as const;
    const text = await api.http.requestText({ ...request, timeoutMs: TIMEOUT_MS, maxRetries: 1 });
    const [, major, minor] = /^\s*(\d+)\.(\d+)/.exec(text) ?? [];
    return major === undefined ? null : [Number(major), Number(minor)];
  } catch (error) {
    if (isRefusal(error, 'ENDPOINT_NOT_FOUND', 'NOT_FOUND', 'PERMISSION_DENIED', 'BAD_REQUEST')) return null;
    throw error;
  }
}
