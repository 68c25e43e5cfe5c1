/** Traces as its argument says, with a collector from the environment; prints counts where it lives to do so. */
import { flush } from '../../src/autologging/flush.ts';
import { failureCounts } from '../../src/failures.ts';
import '../../src/index.ts';
import { exportCounts } from '../../src/tracing/otlp/otlp-export.ts';
import { withSpan } from '../../src/tracing/tracer.ts';

const [, , mode, count = '1'] = process.argv;

const startedAt = process.hrtime.bigint();
for (let index = 0; index < Number(count); index++) {
  withSpan({ name: `root ${index}`, type: 'CHAT_MODEL', inputs: { model: 'gpt', n: index } }, () => {
    withSpan({ name: `leaf ${index}` }, () => index);
    return 'done';
  });
}
const tookMs = Number(process.hrtime.bigint() - startedAt) / 1e6;

if (mode === 'flush') {
  await flush();
  process.stdout.write(JSON.stringify({ counts: exportCounts(), failures: failureCounts(), tookMs }));
}
if (mode === 'exit') process.exit();
