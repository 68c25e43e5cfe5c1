import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HttpClient } from '../../src/http/http-client.ts';
import { resolveHttpTarget } from '../../src/http/http-target.ts';
import { json, setEnvironment, startLoopback } from './loopback.ts';

const URI = 'http://127.0.0.1:5000/prefix/';

function makeHome(files: Readonly<Record<string, string>>): string {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'autolog-home-'));
  onTestFinished(() => fs.rmSync(home, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(home, name)), { recursive: true });
    fs.writeFileSync(path.join(home, name), text);
  }
  setEnvironment({ HOME: home, USERPROFILE: home });
  return home;
}

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

describe('of an MLflow server', () => {
  const cases: readonly [name: string, env: NodeJS.ProcessEnv, uri: string, authorization: string | undefined][] =
    [
      ['nothing is told where nothing is set', {}, URI, undefined],
      [
        'a name and password are told before a token',
        { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'pässword', MLFLOW_TRACKING_TOKEN: 't' },
        URI,
        basic('ada:pässword'),
      ],
      ['a token is told', { MLFLOW_TRACKING_TOKEN: 't' }, URI, 'Bearer t'],
      ['a name alone is nothing', { MLFLOW_TRACKING_USERNAME: 'ada' }, URI, undefined],
      [
        'those in the URI come first',
        { MLFLOW_TRACKING_TOKEN: 't' },
        'http://eve:p%40ss@127.0.0.1:5000/prefix/own',
        basic('eve:p@ss'),
      ],
    ];
  test.each(cases)('%s', async (_, env, uri, authorization) => {
    makeHome({});
    const target = resolveHttpTarget(uri, env);
    expect(await target.authorize()).toBe(authorization);
    expect(target.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:5000\/prefix(\/own)?$/);
    // Whoever knows the server by its address alone is let in too.
    expect(await resolveHttpTarget(target.baseUrl, env).authorize()).toBe(authorization);
  });

  test('are read from ~/.mlflow/credentials, and completed by the environment', async () => {
    makeHome({
      '.mlflow/credentials':
        '# mine\n[mlflow]\nMLFLOW_TRACKING_USERNAME = bob\nmlflow_tracking_password: se=cret\n',
    });
    expect(await resolveHttpTarget(URI, {}).authorize()).toBe(basic('bob:se=cret'));
    const env = { MLFLOW_TRACKING_USERNAME: 'ada' };
    expect(await resolveHttpTarget(URI, env).authorize()).toBe(basic('ada:se=cret'));
  });

  test('a changed token counts from the next request on', async () => {
    makeHome({});
    const env: NodeJS.ProcessEnv = { MLFLOW_TRACKING_TOKEN: 'old' };
    const target = resolveHttpTarget(URI, env);
    env.MLFLOW_TRACKING_TOKEN = 'new';
    expect(await target.authorize()).toBe('Bearer new');
  });

  test('a plugin of Python is refused by name', () => {
    for (const env of [{ MLFLOW_TRACKING_AUTH: 'kubernetes' }, { MLFLOW_TRACKING_AWS_SIGV4: 'true' }]) {
      expect(() => resolveHttpTarget(URI, env)).toThrow(
        expect.objectContaining({
          code: 'NOT_IMPLEMENTED',
          message: expect.stringContaining(Object.keys(env)[0] ?? ''),
        }),
      );
    }
  });

  test.each(['ftp://host', 'http//host', 'http://'])('a URI that is no address is refused: %s', (uri) => {
    expect(() => resolveHttpTarget(uri, {})).toThrow(expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' }));
  });
});

describe('of Databricks', () => {
  const CONFIG = `[DEFAULT]
host = https://default.example.com/
token = default-token

[team]
host = team.example.com
client_id = id
client_secret = secret

[old]
host = https://old.example.com
username = ada
password = secret
`;

  test('are those of DATABRICKS_HOST and DATABRICKS_TOKEN, else those of the profile DEFAULT', async () => {
    makeHome({ '.databrickscfg': CONFIG });
    const env = { DATABRICKS_HOST: 'https://env.example.com', DATABRICKS_TOKEN: 'env-token' };
    const set = resolveHttpTarget('databricks', env);
    expect([set.baseUrl, await set.authorize(), set.isDatabricks]).toEqual([
      'https://env.example.com',
      'Bearer env-token',
      true,
    ]);
    const unset = resolveHttpTarget('databricks', {});
    expect([unset.baseUrl, await unset.authorize()]).toEqual([
      'https://default.example.com',
      'Bearer default-token',
    ]);
  });

  test('are those of the named profile, whatever the environment says', async () => {
    const home = makeHome({ 'config.ini': CONFIG });
    const env = {
      DATABRICKS_CONFIG_FILE: path.join(home, 'config.ini'),
      DATABRICKS_HOST: 'https://env.example.com',
      DATABRICKS_TOKEN: 'env-token',
    };
    const old = resolveHttpTarget('databricks://old', env);
    expect([old.baseUrl, await old.authorize()]).toEqual(['https://old.example.com', basic('ada:secret')]);
    expect(resolveHttpTarget('databricks', { ...env, DATABRICKS_CONFIG_PROFILE: 'team' }).baseUrl).toBe(
      'https://team.example.com',
    );
  });

  test('that are missing are asked for', () => {
    makeHome({});
    for (const uri of ['databricks', 'databricks://none']) {
      expect(() => resolveHttpTarget(uri, {})).toThrow(expect.objectContaining({ code: 'UNAUTHENTICATED' }));
    }
    expect(() => resolveHttpTarget('databricks://scope:prefix', {})).toThrow(/secret scopes/);
  });

  test('of a service principal are changed into a token once, and again when it ends', async () => {
    makeHome({});
    let lifeSeconds = 3600;
    const server = await startLoopback(({ path: asked, headers, body }, response) => {
      if (asked !== '/oidc/v1/token') {
        json(response, 200, {});
        return;
      }
      const isRight = headers.authorization === basic('id:secret') && String(body).includes('client_credentials');
      if (isRight) json(response, 200, { access_token: `token-${lifeSeconds}`, expires_in: lifeSeconds });
      else json(response, 401, {});
    });
    const env = { DATABRICKS_HOST: server.url, DATABRICKS_CLIENT_ID: 'id', DATABRICKS_CLIENT_SECRET: 'secret' };
    const client = new HttpClient(resolveHttpTarget('databricks', env));
    const request = { method: 'GET', path: '/api', isIdempotent: true } as const;
    await Promise.all([client.requestText(request), client.requestText(request)]);
    await client.requestText(request);
    const asked = () => server.received.filter((it) => it.path === '/oidc/v1/token').length;
    expect(asked()).toBe(1);
    expect(server.received.at(-1)?.headers.authorization).toBe('Bearer token-3600');

    lifeSeconds = 1;
    const short = new HttpClient(resolveHttpTarget('databricks', env));
    await short.requestText(request);
    await short.requestText(request);
    expect(asked()).toBe(3);

    const wrong = new HttpClient(
      resolveHttpTarget('databricks', { ...env, DATABRICKS_CLIENT_SECRET: 'wrong-secret' }),
    );
    await expect(wrong.requestText(request)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.not.stringContaining('wrong-secret'),
    });
  });
});
