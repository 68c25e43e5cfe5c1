import type { LogRecord } from '../../../src/store/log-record.ts';
import { resolveTrackingStore } from '../../../src/store/store-uri.ts';

// Run as `node deliver-program.ts <URI> <journal id> <run id> <number of points> <start, ms since 1970>`.
const [uri = '', id = '', runId = '', count = '0', startAt = '0'] = process.argv.slice(2);
const store = resolveTrackingStore(uri);

const experiment = { name: 'shared' };
const records: LogRecord[] = [
  { op: 'createRun', runId, experiment, name: 'many', userId: 'ada', startTime: 1, tags: { team: 'blue' } },
];
for (let step = 0; step < Number(count); step += 1) {
  records.push({ op: 'metric', runId, key: `loss${step % 3}`, value: step, timestamp: step, step });
}

while (Date.now() < Number(startAt)) {
  // All programs begin at the same moment.
}
const rejected = await store.deliver({
  id,
  read: (position) => ({
    records: records.slice(position, position + 50),
    end: Math.min(records.length, position + 50),
  }),
});
await store.close();
process.stdout.write(JSON.stringify(rejected.map(({ error }) => error.message)));
