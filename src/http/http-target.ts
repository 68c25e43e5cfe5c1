import { AutologError, invalidParameter } from '../errors.ts';
import { resolveDatabricksTarget } from './databricks.ts';
import { credentialsOf, rememberCredentials } from './known-servers.ts';
import { readTlsSettings, type TlsSettings } from './tls.ts';
import { readTrackingCredentials } from './tracking-credentials.ts';

/** Who says who we are, and at which address. */
export interface HttpTarget {
  /** `https://host:port/prefix`, without credentials and without a slash at its end. */
  readonly baseUrl: string;
  readonly isDatabricks: boolean;
  readonly tls: TlsSettings;
  /** The `authorization` header of the next request; undefined where nobody asks for one. */
  authorize(): Promise<string | undefined>;
  /** What must not be shown in any message. */
  secrets(): readonly string[];
}

/**
 * Finds the server that a URI means, and how to authenticate there: `http(s)://…`, `databricks`, `databricks://profile`.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a URI that means no server, UNAUTHENTICATED where Databricks has no
 * host or credentials, NOT_IMPLEMENTED for ways to authenticate that are MLflow's plugins.
 */
export function resolveHttpTarget(uri: string, env: NodeJS.ProcessEnv = process.env): HttpTarget {
  if (/^databricks(:|$)/i.test(uri)) return resolveDatabricksTarget(uri, env);
  refusePlugins(env);
  const url = parseServerUrl(uri);
  const baseUrl = toBaseUrl(url);
  if (url.username !== '') rememberCredentials(baseUrl, [url.username, url.password].map(decode).join(':'));
  const own = credentialsOf(baseUrl);
  const credentials = () => (own === undefined ? readTrackingCredentials(env) : { basic: own });
  return {
    baseUrl,
    isDatabricks: false,
    tls: readTlsSettings(env),
    authorize: async () => {
      const { basic, token } = credentials();
      if (basic !== undefined) return `Basic ${Buffer.from(basic).toString('base64')}`;
      return token === undefined ? undefined : `Bearer ${token}`;
    },
    secrets: () => secretsOf(credentials()),
  };
}

/** A server's address as it may be shown: without credentials, query and fragment. */
export function toBaseUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`;
}

function secretsOf({ basic, token }: { basic?: string; token?: string }): readonly string[] {
  const password = basic?.slice(basic.indexOf(':') + 1);
  return [password, basic && Buffer.from(basic).toString('base64'), token].filter((it) => it !== undefined);
}

function parseServerUrl(uri: string): URL {
  let url: URL | undefined;
  try {
    url = new URL(uri);
  } catch {
    // TypeError: it is no URL at all, and the sentence below says so.
  }
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    const shown = uri.replace(/\/\/.*@/s, '//***@');
    throw invalidParameter(
      `Cannot understand the server URI '${shown}': it is no address; write it as 'http://localhost:5000'.`,
    );
  }
  return url;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // URIError: a percent sign that encodes nothing stands for itself.
    return part;
  }
}

function refusePlugins(env: NodeJS.ProcessEnv): void {
  const found = env.MLFLOW_TRACKING_AUTH ? 'MLFLOW_TRACKING_AUTH' : undefined;
  const name =
    found ?? (/^(true|1)$/i.test(env.MLFLOW_TRACKING_AWS_SIGV4 ?? '') ? 'MLFLOW_TRACKING_AWS_SIGV4' : '');
  if (name === '') return;
  throw new AutologError(
    'NOT_IMPLEMENTED',
    `Cannot authenticate by ${name}: such plugins are Python's; unset it and use MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.`,
  );
}
