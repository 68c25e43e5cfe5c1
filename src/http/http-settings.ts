import { tellOnce } from '../failures.ts';

/** How requests are made, as MLflow's environment variables say. */
export interface HttpSettings {
  /** Time for an answer to begin and for each pause within it, in milliseconds. */
  readonly timeoutMs: number;
  /** How often a request is made again. */
  readonly maxRetries: number;
  /** Seconds before the second retry; each further one waits twice as long. */
  readonly backoffFactor: number;
  /** At most so many seconds more, at random. */
  readonly backoffJitter: number;
  readonly respectsRetryAfter: boolean;
  readonly followsRedirects: boolean;
}

/**
 * Reads the settings from the environment; a value that makes no sense is told once and the default holds.
 *
 * Source: mlflow/environment_variables.py and utils/rest_utils.py, read at 3.17.2; times are seconds there.
 */
export function readHttpSettings(env: NodeJS.ProcessEnv = process.env): HttpSettings {
  return {
    timeoutMs: 1000 * readNumber(env, 'MLFLOW_HTTP_REQUEST_TIMEOUT', 120, [0.001, 86_400]),
    maxRetries: readNumber(env, 'MLFLOW_HTTP_REQUEST_MAX_RETRIES', 7, [0, 10]),
    backoffFactor: readNumber(env, 'MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR', 2, [0, 120]),
    backoffJitter: readNumber(env, 'MLFLOW_HTTP_REQUEST_BACKOFF_JITTER', 1, [0, 120]),
    respectsRetryAfter: isOn(env.MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER, true),
    followsRedirects: isOn(env.MLFLOW_ALLOW_HTTP_REDIRECTS, true),
  };
}

/** Reads a switch: "true" and "1" in any case are on, "false" and "0" off, anything else is the default. */
export function isOn(value: string | undefined, byDefault = false): boolean {
  const word = value?.trim().toLowerCase() ?? '';
  if (['true', '1'].includes(word)) return true;
  return ['false', '0'].includes(word) ? false : byDefault;
}

function readNumber(
  env: NodeJS.ProcessEnv,
  name: string,
  byDefault: number,
  [least, most]: readonly [number, number],
): number {
  const text = env[name]?.trim() ?? '';
  if (text === '') return byDefault;
  const value = Number(text);
  if (value >= least && value <= most) return value;
  tellOnce(`${name}=${text} is no number from ${least} to ${most}; ${byDefault} holds.`);
  return byDefault;
}
