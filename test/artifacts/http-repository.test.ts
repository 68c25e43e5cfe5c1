import { describe, expect, test } from 'vitest';
import { resolveArtifactRepository } from '../../src/artifacts/resolve.ts';
import { json, setEnvironment, startLoopback } from '../http/loopback.ts';

const PROXY = '/api/2.0/mlflow-artifacts/artifacts';

describe('a repository behind a server', () => {
  test.each([
    ['mlflow-artifacts:/7/run/artifacts', 'the tracking server'],
    ['mlflow-artifacts://HOST/7/run/artifacts', 'the host that it names'],
    [`http://HOST${PROXY}/7/run/artifacts`, 'its own address'],
  ])('%s is at %s', async (pattern) => {
    const server = await startLoopback((_, response) => json(response, 200, {}));
    const uri = pattern.replace('HOST', `127.0.0.1:${server.port}`);
    const trackingUri = pattern.includes('HOST') ? 'http://127.0.0.1:9' : server.url;
    const repository = resolveArtifactRepository(uri, { trackingUri });
    await repository.logContent('a b/größe.txt', 'x');
    await repository.list('a b');
    expect(server.received.map(({ method, path }) => [method, path])).toEqual([
      ['PUT', `${PROXY}/7/run/artifacts/a%20b/gr%C3%B6%C3%9Fe.txt`],
      ['GET', `${PROXY}?path=7%2Frun%2Fartifacts%2Fa+b`],
    ]);
  });

  test('is at the server of MLFLOW_TRACKING_URI where nothing else is told, with its credentials', async () => {
    const server = await startLoopback((_, response) => json(response, 200, { files: [] }));
    setEnvironment({ MLFLOW_TRACKING_URI: server.url, MLFLOW_TRACKING_TOKEN: 'token' });
    await resolveArtifactRepository('mlflow-artifacts:/7').list();
    expect(server.received[0]?.headers.authorization).toBe('Bearer token');
  });

  test.each([undefined, 'sqlite:///mlflow.db', 'databricks'])('needs a server, which %s is not', (trackingUri) => {
    setEnvironment({ MLFLOW_TRACKING_URI: trackingUri });
    expect(() => resolveArtifactRepository('mlflow-artifacts:/7')).toThrow(/they are behind a tracking server/);
  });

  test('is not believed where it names files outside', async () => {
    const server = await startLoopback((_, response) =>
      json(response, 200, {
        files: [
          { path: '../../evil', is_dir: false, file_size: 1 },
          { path: '..', is_dir: true },
        ],
      }),
    );
    const repository = resolveArtifactRepository('mlflow-artifacts:/7', { trackingUri: server.url });
    await expect(repository.list()).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
  });

  test('that answers with pages is told', async () => {
    const server = await startLoopback((_, response) => void response.end('<h1>Login</h1>'));
    const repository = resolveArtifactRepository('mlflow-artifacts:/7', { trackingUri: server.url });
    await expect(repository.list()).rejects.toMatchObject({ code: 'INTERNAL_ERROR' });
  });
});
