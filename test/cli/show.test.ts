import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { makeProject, runCommand } from './doctor-setup.ts';

/** Asks for what a server has that is too busy; returns how often it was asked. */
async function showOfBusyServer(env: Readonly<Record<string, string>>): Promise<number> {
  let requests = 0;
  const server = http.createServer((_, response) => {
    requests++;
    response.writeHead(503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const noPauses = { MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '0', MLFLOW_HTTP_REQUEST_BACKOFF_JITTER: '0' };
    const { exitCode, stderr } = await runCommand(makeProject(), ['show', '-u', uri], {
      env: { ...noPauses, ...env },
    });
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^autolog: Cannot POST http:.*\n$/)]);
    return requests;
  } finally {
    server.close();
  }
}

describe('autolog show, of a server that is away', () => {
  it('asks again twice, as somebody waits', async () => {
    expect(await showOfBusyServer({})).toBe(3);
  });

  it('asks as often as the variable says', async () => {
    expect(await showOfBusyServer({ MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' })).toBe(1);
  });
});
