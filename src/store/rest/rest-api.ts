import { AutologError } from '../../errors.ts';
import { HttpClient, type HttpRequest } from '../../http/http-client.ts';
import type { HttpTarget } from '../../http/http-target.ts';
import { ServerError } from '../../http/server-error.ts';
import { parseJson } from './wire/span.ts';

/** How a call is made. */
export interface CallOptions {
  /** False where doing it twice makes two of something. @default true */
  readonly isIdempotent?: boolean;
  /** By the steady clock: after this moment nothing is tried again. @default never */
  readonly retryUntilMs?: number | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly maxRetries?: number;
}

/** Values of a query; a list repeats its name, undefined leaves it out. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined | null>>;

/** Calls MLflow's REST API of one server: paths from `/api` on, JSON in and out. */
export class RestApi {
  readonly http: HttpClient;

  constructor(target: HttpTarget) {
    this.http = new HttpClient(target);
  }

  get baseUrl(): string {
    return this.http.target.baseUrl;
  }

  get<T>(path: string, query: Query = {}, options: CallOptions = {}): Promise<T> {
    return this.#call({ method: 'GET', path: path + toSearch(query) }, options);
  }

  post<T>(path: string, body: unknown, options: CallOptions = {}): Promise<T> {
    return this.#call({ method: 'POST', path, body: JSON.stringify(body) }, options);
  }

  patch<T>(path: string, body: unknown, options: CallOptions = {}): Promise<T> {
    return this.#call({ method: 'PATCH', path, body: JSON.stringify(body) }, options);
  }

  delete<T>(path: string, body: unknown, options: CallOptions = {}): Promise<T> {
    return this.#call({ method: 'DELETE', path, body: JSON.stringify(body) }, options);
  }

  async #call<T>(request: Pick<HttpRequest, 'method' | 'path' | 'body'>, options: CallOptions): Promise<T> {
    const { isIdempotent = true, headers, ...rest } = options;
    const json = request.body === undefined ? undefined : { 'content-type': 'application/json' };
    const text = await this.http.requestText({
      ...request,
      ...rest,
      isIdempotent,
      headers: { ...json, ...headers },
    });
    if (['', '200 OK'].includes(text.trim())) return {} as T;
    const answer = `the answer of ${this.baseUrl} to ${request.method} ${request.path.replace(/\?.*$/s, '')}`;
    let data: unknown;
    try {
      data = parseJson(text);
    } catch (error) {
      // A page of a proxy or a login, or an answer that was cut off: nothing of it can be trusted.
      throw unreadable(answer, 'it is no JSON', error);
    }
    if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data as T;
    throw unreadable(answer, 'it is no object');
  }

  /**
   * Waits for what is made of answers.
   *
   * @throws {ServerError} INTERNAL_ERROR where they have another form than MLflow's.
   */
  async understood<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      // What reads an answer takes its form for granted: properties of undefined, times that are no numbers.
      if (error instanceof AutologError || !(error instanceof Error)) throw error;
      throw unreadable(
        `an answer of ${this.baseUrl}`,
        `it has another form than MLflow's (${error.message})`,
        error,
      );
    }
  }
}

function unreadable(answer: string, reason: string, cause?: unknown): ServerError {
  const message = `Cannot understand ${answer}: ${reason}; see whether the URI is that of an MLflow server.`;
  return new ServerError('INTERNAL_ERROR', message, null, { cause });
}

/** Whether a server says so: a code of MLflow's. */
export function isRefusal(error: unknown, ...codes: readonly string[]): error is ServerError {
  return error instanceof ServerError && codes.includes(error.code);
}

function toSearch(query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    for (const item of Array.isArray(value) ? value : [value]) search.append(name, String(item));
  }
  return search.size === 0 ? '' : `?${search}`;
}
