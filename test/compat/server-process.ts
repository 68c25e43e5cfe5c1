import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { requireMlflow } from '../support/requirements.ts';
import { pythonEnvironment } from './python.ts';

const START_LIMIT_MS = 120_000;

/** A server of MLflow that runs. */
export interface MlflowServer {
  readonly url: string;
  readonly port: number;
  /** Ends it as SIGKILL does, and resolves when it is gone. */
  kill(): Promise<void>;
  /** Ends it and resolves when it is gone. */
  stop(): Promise<void>;
}

/** How a server of MLflow runs. */
export interface MlflowServerOptions {
  /** @default a free one */
  readonly port?: number;
  /** More arguments of `mlflow server`. */
  readonly args?: readonly string[];
  /** More variables of its environment. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Starts `mlflow server` with one worker on 127.0.0.1, and resolves when it is well.
 *
 * @throws {Error} with its output, when it ends before or takes too long.
 */
export async function startMlflowServer(
  trackingUri: string,
  options: MlflowServerOptions = {},
): Promise<MlflowServer> {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const args = [
    '--backend-store-uri',
    trackingUri,
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--workers',
    '1',
    ...(options.args ?? []),
  ];
  // It starts its worker as a child: both are of one process group, which is ended as a whole.
  const server = spawn(requireMlflow().python, ['-m', 'mlflow', 'server', ...args], {
    env: { ...pythonEnvironment(), MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', ...options.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  server.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  server.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  const exit = once(server, 'exit');
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (server.exitCode === null && server.signalCode === null && server.pid !== undefined)
      process.kill(-server.pid, signal);
    await exit;
  };
  const stop = () => end('SIGTERM');
  const giveUpAt = Date.now() + START_LIMIT_MS;
  while (!(await isWell(url))) {
    if (server.exitCode === null && Date.now() < giveUpAt) {
      await sleep(200);
      continue;
    }
    await stop();
    throw new Error(`Cannot start mlflow server on ${trackingUri}:\n${Buffer.concat(output)}`);
  }
  return { url, port, stop, kill: () => end('SIGKILL') };
}

async function isWell(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    // A TypeError: nobody listens there yet.
    return false;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('Cannot find a free port.');
  return address.port;
}
