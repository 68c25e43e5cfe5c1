/**
 * Reads one long stream under the watch; prints how the heap grew, whether chunks stayed, and how its span shows the cut.
 *
 * Argument: number of chunks; needs `--expose-gc`.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createChatCollector } from '../../integrations/shapes/chat-completion.ts';
import { installPatches } from '../../src/autologging/install-patches.ts';
import { DEFAULT_CONFIG } from '../../src/autologging/options.ts';
import type { SpanRecord } from '../../src/store/log-record.ts';
import { connectTracing } from '../../src/tracing/tracer.ts';

const count = Number(process.argv[2]);
const spans: SpanRecord[] = [];
const heldChunks: WeakRef<object>[] = [];

class Source {
  async *stream(): AsyncGenerator<object> {
    for (let index = 0; index < count; index++) {
      const logprobs = { content: [{ token: 'text', logprob: -index }] };
      const chunk = { model: 'any', choices: [{ index: 0, delta: { content: `text ${index} ` }, logprobs }] };
      if (index % (count / 10) === 0) heldChunks.push(new WeakRef(chunk));
      yield chunk;
    }
  }
}

function heapBytes(): number {
  (globalThis.gc as () => void)();
  return process.memoryUsage().heapUsed;
}

connectTracing(() => ({
  sink: { append: (record) => void (record.op === 'span' && spans.push(record)) },
  experiment: { name: 'test' },
  metadata: {},
}));
const span = { name: 'stream', type: 'CHAT_MODEL', stream: createChatCollector } as const;
installPatches(
  'source',
  { packages: { source: '*' }, patches: [{ target: 'Source.prototype.stream', span }] },
  { specifier: 'source', exports: { Source }, packageRoot: null, version: null, how: 'module.import' },
  () => DEFAULT_CONFIG,
);

let seen = 0;
let early = 0;
let late = 0;
let keptChunks = 0;
for await (const _ of new Source().stream()) {
  seen += 1;
  // A weak reference holds until the end of the turn in which it was made.
  if (seen % (count / 10) === 0) await nextTurn();
  if (seen === count / 10) early = heapBytes();
  if (seen !== count) continue;
  late = heapBytes();
  keptChunks = heldChunks.slice(0, -1).filter((held) => held.deref() !== undefined).length;
}
const outputs = spans[0]?.attributes['mlflow.spanOutputs'] as {
  choices: { message: { content: string }; logprobs: { content: unknown[] } }[];
};
const [choice] = outputs.choices;
process.stdout.write(
  JSON.stringify({
    seen,
    grownBytes: late - early,
    keptChunks,
    textLength: choice?.message.content.length,
    textEnd: choice?.message.content.slice(-45),
    listEnd: choice?.logprobs.content.at(-1),
  }),
);
