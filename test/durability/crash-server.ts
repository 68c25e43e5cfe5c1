import { resolveTrackingStore } from '../../src/store/store-uri.ts';
import { type CrashRole, work } from './crash-work.ts';

// Run as `node crash-server.ts <tracking URI> <role> <run id> <file of acknowledgements>`.
const [uri = '', role = '', runId = '', ackFile = ''] = process.argv.slice(2);
await work(resolveTrackingStore(uri), role as CrashRole, runId, ackFile);
