import os from 'node:os';
import path from 'node:path';
import { readIniFile } from './ini-file.ts';

/** What a server is told of the user: a name and password with a colon between them, else a token, else nothing. */
export interface TrackingCredentials {
  readonly basic?: string;
  readonly token?: string;
}

/**
 * Reads MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, each also from `~/.mlflow/credentials`, and
 * MLFLOW_TRACKING_TOKEN; a complete name and password come first.
 *
 * Source: mlflow/utils/credentials.py, read at 3.17.2.
 *
 * @throws {AutologError} when the file is there and cannot be read.
 */
export function readTrackingCredentials(env: NodeJS.ProcessEnv = process.env): TrackingCredentials {
  const file = env.MLFLOW_TRACKING_USERNAME && env.MLFLOW_TRACKING_PASSWORD ? {} : readCredentialsFile();
  const username = env.MLFLOW_TRACKING_USERNAME || file.mlflow_tracking_username;
  const password = env.MLFLOW_TRACKING_PASSWORD || file.mlflow_tracking_password;
  if (username && password) return { basic: `${username}:${password}` };
  return env.MLFLOW_TRACKING_TOKEN ? { token: env.MLFLOW_TRACKING_TOKEN } : {};
}

function readCredentialsFile(): Readonly<Record<string, string>> {
  return readIniFile(path.join(os.homedir(), '.mlflow', 'credentials')).get('mlflow') ?? {};
}
