import { expect, test } from 'vitest';
import { resolveArtifactRepository } from '../../../src/artifacts/resolve.ts';
import { openRestStore } from '../../../src/store/rest/open-rest-store.ts';
import { setEnvironment } from '../../http/loopback.ts';
import { startFakeMlflow } from './fake-mlflow.ts';

const FILES = 'GET /api/2.0/mlflow-artifacts/artifacts';

test('artifacts are at the one server that is recorded into, and at none of two', async () => {
  setEnvironment({ MLFLOW_TRACKING_URI: undefined, MLFLOW_TRACKING_TOKEN: undefined });
  const server = await startFakeMlflow({ [FILES]: () => ({ files: [{ path: 'a', is_dir: true }] }) });
  openRestStore(server.url.replace('//', '//ada:secret@'));
  const repository = resolveArtifactRepository('mlflow-artifacts:/7');
  expect(await repository.list()).toEqual([{ path: 'a', isFolder: true, sizeBytes: null }]);
  expect(server.sent(FILES)[0]?.headers.authorization).toMatch(/^Basic /);
  openRestStore('http://127.0.0.1:9');
  expect(() => resolveArtifactRepository('mlflow-artifacts:/7')).toThrow(/behind a tracking server/);
  setEnvironment({ MLFLOW_TRACKING_URI: server.url });
  expect(await resolveArtifactRepository('mlflow-artifacts:/7').list()).toHaveLength(1);
});
