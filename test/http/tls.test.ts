import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { HttpClient } from '../../src/http/http-client.ts';
import { resolveHttpTarget } from '../../src/http/http-target.ts';
import { createRequirement } from '../support/requirements.ts';
import { json, setEnvironment, startLoopback } from './loopback.ts';

const REQUEST = { method: 'GET', path: '/', isIdempotent: true } as const;
const openssl = createRequirement(!hasOpenssl(), 'there is no openssl', true);

let folder = '';

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'autolog-tls-'));
  if (openssl.isMissing) return;
  const authority = ['-CA', 'ca.pem', '-CAkey', 'ca.key'];
  run(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=Our CA',
    '-days',
    '2',
  );
  for (const [name, subject] of [
    ['server', '/CN=127.0.0.1'],
    ['client', '/CN=ada'],
  ] as const) {
    fs.writeFileSync(path.join(folder, `${name}.ext`), 'subjectAltName=IP:127.0.0.1');
    run('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    run(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...authority,
      '-CAcreateserial',
      '-out',
      `${name}.crt`,
      '-days',
      '2',
      '-extfile',
      `${name}.ext`,
    );
  }
  fs.writeFileSync(path.join(folder, 'client.pem'), read('client.crt') + read('client.key'));
});

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

describe.skipIf(openssl.isMissing)(openssl.title('TLS'), () => {
  test('trusts nobody whom no known authority has signed, and says what to set', async () => {
    const server = await startLoopback((_, response) => json(response, 200, {}), certificate());
    await expect(new HttpClient(resolveHttpTarget(server.url)).request(REQUEST)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringMatching(/its certificate is not trusted .*MLFLOW_TRACKING_SERVER_CERT_PATH/),
    });
    expect(server.received).toHaveLength(0);
  });

  test('trusts the authorities of MLFLOW_TRACKING_SERVER_CERT_PATH', async () => {
    setEnvironment({ MLFLOW_TRACKING_SERVER_CERT_PATH: path.join(folder, 'ca.pem') });
    const server = await startLoopback((_, response) => json(response, 200, {}), certificate());
    await new HttpClient(resolveHttpTarget(server.url)).requestText(REQUEST);
  });

  test('trusts anyone where MLFLOW_TRACKING_INSECURE_TLS is set', async () => {
    setEnvironment({ MLFLOW_TRACKING_INSECURE_TLS: 'true' });
    const server = await startLoopback((_, response) => json(response, 200, {}), certificate());
    await new HttpClient(resolveHttpTarget(server.url)).requestText(REQUEST);
  });

  test('goes through the tunnel of HTTPS_PROXY', async () => {
    const server = await startLoopback((_, response) => json(response, 200, {}), certificate());
    const asked: string[] = [];
    const proxy = http.createServer().on('connect', ({ url, headers }, socket: Socket) => {
      asked.push(`${url} ${headers['proxy-authorization']}`);
      const tunnel = connect(server.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        tunnel.pipe(socket).pipe(tunnel);
      });
      for (const end of [tunnel, socket]) end.on('error', () => tunnel.destroy());
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    onTestFinished(() => void proxy.close());
    setEnvironment({
      MLFLOW_TRACKING_SERVER_CERT_PATH: path.join(folder, 'ca.pem'),
      HTTPS_PROXY: `http://ada:secret@127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      https_proxy: undefined,
      NO_PROXY: '',
      no_proxy: undefined,
    });
    await new HttpClient(resolveHttpTarget(server.url)).requestText(REQUEST);
    expect(asked).toEqual([`127.0.0.1:${server.port} Basic ${Buffer.from('ada:secret').toString('base64')}`]);
  });

  test('shows the certificate of MLFLOW_TRACKING_CLIENT_CERT_PATH', async () => {
    setEnvironment({
      MLFLOW_TRACKING_SERVER_CERT_PATH: path.join(folder, 'ca.pem'),
      MLFLOW_TRACKING_CLIENT_CERT_PATH: path.join(folder, 'client.pem'),
    });
    const options = { ...certificate(), ca: read('ca.pem'), requestCert: true, rejectUnauthorized: true };
    const server = await startLoopback((_, response) => json(response, 200, {}), options);
    await new HttpClient(resolveHttpTarget(server.url)).requestText(REQUEST);
    setEnvironment({ MLFLOW_TRACKING_CLIENT_CERT_PATH: undefined, MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' });
    await expect(new HttpClient(resolveHttpTarget(server.url)).request(REQUEST)).rejects.toThrow();
  });
});

test('refuses settings that contradict each other, and files that are not there', () => {
  const both = { MLFLOW_TRACKING_INSECURE_TLS: 'true', MLFLOW_TRACKING_SERVER_CERT_PATH: '/ca.pem' };
  expect(() => resolveHttpTarget('https://host', both)).toThrow(/Cannot use both/);
  const missing = { MLFLOW_TRACKING_SERVER_CERT_PATH: path.join(folder, 'none.pem') };
  expect(() => resolveHttpTarget('https://host', missing)).toThrow(/read the certificates in '.*none\.pem'/);
});

function certificate() {
  return { key: read('server.key'), cert: read('server.crt') };
}

function read(name: string): string {
  return fs.readFileSync(path.join(folder, name), 'utf8');
}

function run(...args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
}

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'pipe' });
    return true;
  } catch {
    // ENOENT: it is not installed.
    return false;
  }
}
