import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe } from 'vitest';
import { openRestStore } from '../../src/store/rest/open-rest-store.ts';
import { testTrackingStore } from '../contract/contract.ts';
import { requireMlflow } from '../support/requirements.ts';
import { toUri } from './python.ts';
import { type MlflowServer, startMlflowServer } from './server-process.ts';

const mlflow = requireMlflow();

describe.skipIf(mlflow.isMissing)(mlflow.title('the store on a server of MLflow'), () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'autolog-rest-'));
  let server: MlflowServer | undefined;

  testTrackingStore({
    name: "MLflow's server",
    lacks: {
      garbage: 'the rows are the server’s',
      checkNow: 'only the server knows',
      ownIds: 'the server gives the ids',
    },
    open: async () => {
      server = await startMlflowServer(toUri(path.join(folder, 'mlflow.db')));
      return openRestStore(server.url, { journalFolder: folder });
    },
    close: async () => {
      await server?.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  });
});
