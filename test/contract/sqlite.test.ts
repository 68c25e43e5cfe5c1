import path from 'node:path';
import { resolveTrackingStore } from '../../src/store/store-uri.ts';
import { testTrackingStore } from './contract.ts';

testTrackingStore({
  name: 'SQLite',
  lacks: {},
  open: async () => resolveTrackingStore(`sqlite:///${path.resolve('mlflow.db')}`),
});
