import fs from 'node:fs';
import { invalidParameter } from '../errors.ts';
import { toFileError } from '../file-errors.ts';
import { isOn } from './http-settings.ts';

/** What a TLS connection is checked with, as Node's `tls.connect` takes it. */
export interface TlsSettings {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized?: boolean;
}

/**
 * Reads MLFLOW_TRACKING_INSECURE_TLS, MLFLOW_TRACKING_SERVER_CERT_PATH (the authorities to trust, PEM) and
 * MLFLOW_TRACKING_CLIENT_CERT_PATH (certificate and key in one PEM file).
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for settings that contradict each other, or when a file cannot be read.
 */
export function readTlsSettings(env: NodeJS.ProcessEnv = process.env): TlsSettings {
  const isInsecure = isOn(env.MLFLOW_TRACKING_INSECURE_TLS);
  const authorities = env.MLFLOW_TRACKING_SERVER_CERT_PATH;
  const client = env.MLFLOW_TRACKING_CLIENT_CERT_PATH;
  if (isInsecure && authorities) {
    throw invalidParameter(
      'Cannot use both MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH: the first trusts anyone; unset one of them.',
    );
  }
  const own = client ? readPem(client) : undefined;
  return {
    ...(isInsecure && { rejectUnauthorized: false }),
    ...(authorities && { ca: readPem(authorities) }),
    ...(own !== undefined && { cert: own, key: own }),
  };
}

function readPem(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw toFileError(`read the certificates in '${file}'`, error, 'read');
  }
}
