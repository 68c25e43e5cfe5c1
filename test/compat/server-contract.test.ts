import path from 'node:path';
import { describe } from 'vitest';
import { resolveTrackingStore } from '../../src/store/store-uri.ts';
import { testTrackingStore } from '../contract/contract.ts';
import { requireMlflow } from '../support/requirements.ts';
import { toUri } from './python.ts';
import { type MlflowServer, startMlflowServer } from './server-process.ts';

const mlflow = requireMlflow();

describe.skipIf(mlflow.isMissing)(mlflow.title('the contract of tracking stores, on mlflow server'), () => {
  let server: MlflowServer | undefined;
  testTrackingStore({
    name: 'mlflow server',
    lacks: {
      garbage: 'over REST nothing is removed for good: `mlflow gc` does that beside the server',
      ownIds: 'the server makes the ids of its runs',
    },
    async open() {
      server = await startMlflowServer(toUri(path.resolve('server.db')));
      return resolveTrackingStore(server.url);
    },
    close: async () => server?.stop(),
  });
});
