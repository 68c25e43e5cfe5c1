/** Leaves traces open under the limits of the environment; prints their ends, and how often it was said and counted. */
import { setTimeout as wait } from 'node:timers/promises';
import { failureCounts } from '../../src/failures.ts';
import type { SpanRecord } from '../../src/store/log-record.ts';
import { connectTracing, startSpan, withActiveSpan } from '../../src/tracing/tracer.ts';

const spans: SpanRecord[] = [];
connectTracing(() => ({
  sink: { append: (record) => void (record.op === 'span' && spans.push(record)) },
  experiment: { name: 'test' },
  metadata: {},
}));

const ended = () =>
  spans.splice(0).map(({ name, status, attributes }) => [name, status, attributes['autolog.abandoned']]);

// Three where two are allowed.
for (const name of ['first', 'second', 'third']) startSpan({ name });
const tooMany = ended();

// One goes on, the others do not.
const busy = startSpan({ name: 'busy' });
for (let turn = 0; turn < 8; turn++) {
  await wait(100);
  withActiveSpan(busy, () => startSpan({ name: 'step' }).end());
}
const tooOld = ended().filter(([name]) => name !== 'step');
const wasBusy = !busy.isEnded;
const resourceCount = process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
process.stdout.write(JSON.stringify({ tooMany, tooOld, wasBusy, resourceCount, counts: failureCounts() }));
