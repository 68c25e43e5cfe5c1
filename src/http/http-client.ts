import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { steadyMs } from '../clock.ts';
import { AutologError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { dispatch, type HttpResponse } from './dispatch.ts';
import { type HttpSettings, readHttpSettings } from './http-settings.ts';
import type { HttpTarget } from './http-target.ts';
import { mayRetryError, mayRetryStatus, pauseBefore } from './retry.ts';
import { type ServerError, toConnectionError, toServerError } from './server-error.ts';

/** A request to a server. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Under the server's base URL, with a slash at its begin; may have a query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is opened anew for each retry. */
  readonly body?: string | Uint8Array | (() => Readable);
  /** Whether doing it twice is as doing it once. */
  readonly isIdempotent: boolean;
  /** By the steady clock: after this moment nothing is tried again. @default never */
  readonly retryUntilMs?: number | undefined;
  /** @default as MLFLOW_HTTP_REQUEST_TIMEOUT says */
  readonly timeoutMs?: number;
  /** @default as MLFLOW_HTTP_REQUEST_MAX_RETRIES says */
  readonly maxRetries?: number;
}

const MOST_REDIRECTS = 5;

/** Makes requests to one server: authenticated, retried, and with errors that say what was attempted. */
export class HttpClient {
  readonly target: HttpTarget;
  #abort = new AbortController();

  constructor(target: HttpTarget) {
    this.target = target;
  }

  /** Ends all requests that are under way: they fail as where the server gives no answer. */
  close(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  /**
   * Makes a request, again where that helps, and returns the answer of success.
   *
   * @throws {ServerError} with the server's code, or TEMPORARILY_UNAVAILABLE where it gives no answer.
   */
  request(request: HttpRequest): Promise<HttpResponse> {
    return this.#retry(request, (response) => response);
  }

  /** As `request`, and reads the whole answer as text; one that breaks off is none. */
  requestText(request: HttpRequest): Promise<string> {
    return this.#retry(request, (response) => response.text());
  }

  async #retry<T>(request: HttpRequest, read: (response: HttpResponse) => T | Promise<T>): Promise<T> {
    const settings = { ...readHttpSettings(), ...pick(request) };
    const { signal } = this.#abort;
    for (let retry = 1; ; retry += 1) {
      const outcome = await this.#attempt(request, settings, read);
      if (!(outcome instanceof Failure)) return outcome;
      const pauseMs = pauseBefore(retry, settings, outcome.retryAfter);
      const isLate = steadyMs() + pauseMs > (request.retryUntilMs ?? Number.POSITIVE_INFINITY);
      if (!outcome.mayRetry || retry > settings.maxRetries || isLate || signal.aborted) throw outcome.error;
      await sleep(pauseMs);
      if (signal.aborted) throw outcome.error;
    }
  }

  async #attempt<T>(
    request: HttpRequest,
    settings: HttpSettings,
    read: (response: HttpResponse) => T | Promise<T>,
  ): Promise<T | Failure> {
    const attempt = `${request.method} ${this.target.baseUrl}${request.path.replace(/\?.*$/s, '')}`;
    try {
      const response = await this.#send(request, settings);
      if (response.status >= 200 && response.status < 300) return await read(response);
      const text = await response.head();
      const error = toServerError(attempt, response.status, this.#hide(text));
      const mayRetry = mayRetryStatus(response.status, text, request.isIdempotent);
      return new Failure(error, mayRetry, response.headers['retry-after']);
    } catch (error) {
      if (error instanceof AutologError) throw error;
      const failed = toConnectionError(attempt, error, settings.timeoutMs);
      return new Failure(failed, mayRetryError(error, request.isIdempotent));
    }
  }

  async #send(request: HttpRequest, settings: HttpSettings): Promise<HttpResponse> {
    let url = this.target.baseUrl + request.path;
    const { method, body } = request;
    for (let redirects = 0; ; redirects += 1) {
      const response = await dispatch({
        url,
        method,
        headers: await this.#headers(request, url),
        body: typeof body === 'function' ? body() : body,
        timeoutMs: settings.timeoutMs,
        tls: this.target.tls,
        signal: this.#abort.signal,
      });
      const next = redirects < MOST_REDIRECTS && settings.followsRedirects && redirectOf(response, method);
      if (!next) return response;
      await response.head();
      url = new URL(next, url).href;
    }
  }

  async #headers({ path, headers }: HttpRequest, url: string): Promise<Record<string, string>> {
    // Credentials are for the server alone, not for where it sends us.
    const isOwn = new URL(url).origin === new URL(this.target.baseUrl).origin;
    const authorization = isOwn ? await this.target.authorize() : undefined;
    const workspace = path.includes('/mlflow/workspaces') ? undefined : process.env.MLFLOW_WORKSPACE;
    return {
      'user-agent': `autolog/${VERSION}`,
      ...(authorization !== undefined && { authorization }),
      ...(workspace && { 'x-mlflow-workspace': workspace }),
      ...headers,
    };
  }

  /** A server may repeat in its answer what it was sent. */
  #hide(text: string): string {
    let shown = text;
    for (const secret of this.target.secrets()) if (secret.length > 3) shown = shown.replaceAll(secret, '***');
    return shown;
  }
}

/** What did not succeed, and whether it may the next time. */
class Failure {
  readonly error: ServerError;
  readonly mayRetry: boolean;
  readonly retryAfter: string | undefined;

  constructor(error: ServerError, mayRetry: boolean, retryAfter?: string) {
    this.error = error;
    this.mayRetry = mayRetry;
    this.retryAfter = retryAfter;
  }
}

function pick({ timeoutMs, maxRetries }: HttpRequest): Partial<HttpSettings> {
  return { ...(timeoutMs !== undefined && { timeoutMs }), ...(maxRetries !== undefined && { maxRetries }) };
}

function redirectOf({ status, headers }: HttpResponse, method: string): string | undefined {
  // The others turn a POST into a GET, which would do something else.
  const isMeant = [307, 308].includes(status) || (method === 'GET' && [301, 302, 303].includes(status));
  return isMeant ? headers.location : undefined;
}
