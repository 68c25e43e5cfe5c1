import { steadyMs } from '../clock.ts';
import { AutologError } from '../errors.ts';
import { dispatch } from './dispatch.ts';
import { readHttpSettings } from './http-settings.ts';
import type { TlsSettings } from './tls.ts';

/** A service principal of a Databricks workspace. */
export interface OAuthTokenOptions {
  readonly baseUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tls: TlsSettings;
}

/** A token is not used in the last minute of its life. */
const MARGIN_MS = 60_000;

/** The access token of a service principal, asked for when there is none or it is about to end. */
export class OAuthToken {
  readonly #options: OAuthTokenOptions;
  #token: { readonly value: string; readonly endsAtMs: number } | undefined;
  #pending: Promise<string> | undefined;

  constructor(options: OAuthTokenOptions) {
    this.#options = options;
  }

  /** What must not be shown. */
  get secrets(): readonly string[] {
    return this.#token === undefined ? [] : [this.#token.value];
  }

  /** @throws {AutologError} UNAUTHENTICATED when the workspace gives none. */
  async get(): Promise<string> {
    if (this.#token !== undefined && steadyMs() < this.#token.endsAtMs) return this.#token.value;
    this.#pending ??= this.#ask().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #ask(): Promise<string> {
    const { baseUrl, clientId, clientSecret, tls } = this.#options;
    const response = await dispatch({
      url: `${baseUrl}/oidc/v1/token`,
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials&scope=all-apis',
      timeoutMs: readHttpSettings().timeoutMs,
      tls,
    });
    const answer = parse(await response.head());
    if (response.status !== 200 || typeof answer.access_token !== 'string') {
      throw new AutologError(
        'UNAUTHENTICATED',
        `Cannot get an OAuth token at ${baseUrl}: it answered ${response.status}; see the client's id and secret.`,
      );
    }
    const lifeMs = 1000 * (Number(answer.expires_in) || 3600);
    this.#token = { value: answer.access_token, endsAtMs: steadyMs() + Math.max(0, lifeMs - MARGIN_MS) };
    return answer.access_token;
  }
}

function parse(text: string): { readonly access_token?: unknown; readonly expires_in?: unknown } {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    // SyntaxError: an error page; the status says enough.
    return {};
  }
}
