import path from 'node:path';
import { SqliteTrackingStore } from '../../src/store/sql/sqlite-tracking-store.ts';
import { type CrashRole, work } from './crash-work.ts';

// Run as `node crash-sqlite.mjs <database> <role> <run id> <file of acknowledgements>`, bundled.
const [file = '', role = '', runId = '', ackFile = ''] = process.argv.slice(2);
const store = new SqliteTrackingStore({
  uri: `sqlite:///${file}`,
  file,
  artifactRoot: 'mlruns',
  journalFolder: `${path.dirname(file)}/.autolog/${path.basename(file)}`,
});
await work(store, role as CrashRole, runId, ackFile);
