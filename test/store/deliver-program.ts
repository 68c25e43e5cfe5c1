import path from 'node:path';
import type { LogRecord } from '../../src/store/log-record.ts';
import { SqliteTrackingStore } from '../../src/store/sql/sqlite-tracking-store.ts';

// Run as `node deliver-program.ts <database> <journal id> <run id> <number of points> <start, ms since 1970>`.
const [file = '', id = '', runId = '', count = '0', startAt = '0'] = process.argv.slice(2);
const folder = path.dirname(file);
const store = new SqliteTrackingStore({
  uri: file,
  file,
  artifactRoot: path.join(folder, 'mlruns'),
  journalFolder: folder,
});

const experiment = { name: 'shared' };
const records: LogRecord[] = [
  { op: 'createRun', runId, experiment, name: 'many', userId: 'ada', startTime: 1, tags: {} },
];
for (let step = 0; step < Number(count); step += 1) {
  records.push({ op: 'metric', runId, key: 'loss', value: step, timestamp: step, step });
}

while (Date.now() < Number(startAt)) {
  // Both programs begin at the same moment.
}
const rejected = store.deliver({
  id,
  read: (position) => ({
    records: records.slice(position, position + 50),
    end: Math.min(records.length, position + 50),
  }),
});
store.close();
process.stdout.write(JSON.stringify(rejected.map(({ error }) => error.message)));
