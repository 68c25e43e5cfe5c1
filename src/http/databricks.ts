import os from 'node:os';
import path from 'node:path';
import { AutologError, invalidParameter } from '../errors.ts';
import { isOn } from './http-settings.ts';
import type { HttpTarget } from './http-target.ts';
import { readIniFile } from './ini-file.ts';
import { OAuthToken } from './oauth-token.ts';
import { readTlsSettings } from './tls.ts';

/** What a workspace is reached with; keys as in `~/.databrickscfg`. */
interface Profile {
  readonly host?: string | undefined;
  readonly token?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly client_id?: string | undefined;
  readonly client_secret?: string | undefined;
  readonly insecure?: string | undefined;
}

/**
 * Finds the workspace that `databricks` or `databricks://profile` means: the named profile (or that of
 * DATABRICKS_CONFIG_PROFILE) in `~/.databrickscfg` (or DATABRICKS_CONFIG_FILE); without a name DATABRICKS_HOST and its
 * companions come first, then the profile DEFAULT.
 *
 * A token (PAT) comes before a client's id and secret (OAuth for service principals), these before a name and password.
 *
 * Source: mlflow/utils/databricks_utils.py, read at 3.17.2; docs.databricks.com, "Authorize service principal access".
 *
 * @throws {AutologError} UNAUTHENTICATED where no host or no credentials are found.
 */
export function resolveDatabricksTarget(uri: string, env: NodeJS.ProcessEnv = process.env): HttpTarget {
  const name = profileName(uri) ?? (env.DATABRICKS_CONFIG_PROFILE || undefined);
  const profile =
    name === undefined ? (readEnvironment(env) ?? readProfile('DEFAULT', env)) : readProfile(name, env);
  const { host, token, client_id: clientId, client_secret: clientSecret } = profile;
  if (!host) throw unauthenticated(uri, name);
  const baseUrl = (/^https?:\/\//i.test(host) ? host : `https://${host}`).replace(/\/+$/, '');
  const tls = { ...readTlsSettings(env), ...(isOn(profile.insecure) && { rejectUnauthorized: false }) };
  const shared = { baseUrl, isDatabricks: true, tls };
  if (token) return { ...shared, authorize: async () => `Bearer ${token}`, secrets: () => [token] };
  if (clientId && clientSecret) {
    const oauth = new OAuthToken({ baseUrl, clientId, clientSecret, tls });
    return {
      ...shared,
      authorize: async () => `Bearer ${await oauth.get()}`,
      secrets: () => [clientSecret, ...oauth.secrets],
    };
  }
  const { username, password } = profile;
  if (!username || !password) throw unauthenticated(uri, name);
  const basic = Buffer.from(`${username}:${password}`).toString('base64');
  return { ...shared, authorize: async () => `Basic ${basic}`, secrets: () => [password, basic] };
}

function profileName(uri: string): string | undefined {
  const [, name] = /^databricks:\/\/([^/]*)\/?$/i.exec(uri) ?? [];
  if (name === undefined && !/^databricks$/i.test(uri)) {
    throw invalidParameter(
      `Cannot understand the tracking URI '${uri}': write it as 'databricks' or 'databricks://profile'.`,
    );
  }
  if (name?.includes(':')) {
    throw invalidParameter(
      `Cannot use '${uri}': secret scopes are read within Databricks' notebooks alone; name a profile of ~/.databrickscfg.`,
    );
  }
  return name || undefined;
}

function readEnvironment(env: NodeJS.ProcessEnv): Profile | undefined {
  if (!env.DATABRICKS_HOST) return undefined;
  return {
    host: env.DATABRICKS_HOST,
    token: env.DATABRICKS_TOKEN,
    username: env.DATABRICKS_USERNAME,
    password: env.DATABRICKS_PASSWORD,
    client_id: env.DATABRICKS_CLIENT_ID,
    client_secret: env.DATABRICKS_CLIENT_SECRET,
    insecure: env.DATABRICKS_INSECURE,
  };
}

function readProfile(name: string, env: NodeJS.ProcessEnv): Profile {
  const file = env.DATABRICKS_CONFIG_FILE || path.join(os.homedir(), '.databrickscfg');
  return readIniFile(file.replace(/^~(?=\/)/, os.homedir())).get(name) ?? {};
}

function unauthenticated(uri: string, name: string | undefined): AutologError {
  const place =
    name === undefined ? 'DATABRICKS_HOST is not set and' : `the profile '${name}' of ~/.databrickscfg`;
  const what = name === undefined ? 'the profile DEFAULT of ~/.databrickscfg has' : 'has';
  return new AutologError(
    'UNAUTHENTICATED',
    `Cannot reach '${uri}': ${place} ${what} no host with a token; set DATABRICKS_HOST and DATABRICKS_TOKEN, or write a profile with \`databricks configure\`.`,
  );
}
