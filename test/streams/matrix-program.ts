/**
 * Opens streams of each kind and ends them in each way; prints what the program saw and what was recorded.
 *
 * Arguments: `observed` or `plain`; needs `--expose-gc`.
 */
import { setTimeout as wait } from 'node:timers/promises';
import * as openai from 'openai';
import { startOpenAiServer } from '../../examples/endpoint/server.mjs';
import { autolog } from '../../integrations/openai.ts';
import type { IntegrationDefinition } from '../../src/autologging/definition.ts';
import { installPatches } from '../../src/autologging/install-patches.ts';
import { DEFAULT_CONFIG } from '../../src/autologging/options.ts';
import type { SpanRecord } from '../../src/store/log-record.ts';
import { connectTracing } from '../../src/tracing/tracer.ts';
import { ENDINGS } from './endings.ts';
import { KINDS, type Kind, openStream, Source, toText } from './kinds.ts';

/** What became of one stream. */
export interface Played {
  readonly kind: Kind;
  readonly ending: string;
  /** What the program saw; null where the kind of stream has no such thing. */
  readonly log: readonly string[] | null;
  readonly requestCount: number;
  readonly unhandled: readonly string[];
  /** As the table says it: status, mark, number of items. */
  readonly spans: readonly string[];
}

const isObserved = process.argv[2] === 'observed';
const spans: SpanRecord[] = [];
const server = await startOpenAiServer();
const collectGarbage = globalThis.gc as () => void;

const definition: IntegrationDefinition = {
  packages: { streams: '*' },
  patches: [
    {
      target: 'Source.prototype.open',
      span: {
        name: 'open',
        type: 'CHAIN',
        stream() {
          const items: unknown[] = [];
          return { add: (item) => items.push(toText(item)), result: () => ({ outputs: items }) };
        },
      },
    },
  ],
};

function install(name: string, installed: IntegrationDefinition, exports: object): void {
  const module = { specifier: name, packageRoot: null, version: null, how: 'module.import' } as const;
  installPatches(
    name,
    installed,
    { ...module, exports: exports as Record<string, unknown> },
    () => DEFAULT_CONFIG,
  );
}

if (isObserved) {
  connectTracing(() => ({
    sink: { append: (record) => void (record.op === 'span' && spans.push(record)) },
    experiment: { name: 'test' },
    metadata: {},
  }));
  install('streams', definition, { Source });
  install('openai', autolog.definition as unknown as IntegrationDefinition, openai);
}

async function play(kind: Kind, ending: string): Promise<Played> {
  const log: string[] = [];
  const unhandled: string[] = [];
  const requestsBefore = server.requests.length;
  const onUnhandled = (error: unknown): number => unhandled.push(String(error));
  process.on('unhandledRejection', onUnhandled);
  const isThere = await ENDINGS[ending]?.({
    open: (behaviour = {}) => openStream(kind, behaviour, { source: new Source(), server }),
    log: (...words) => void log.push(words.join(' ')),
  });
  await settle();
  process.off('unhandledRejection', onUnhandled);
  const requestCount = server.requests.length - requestsBefore;
  const ended = spans.splice(0).map(describeSpan);
  return { kind, ending, log: isThere ? log : null, requestCount, unhandled, spans: ended };
}

/** Waits for what is under way, then until what was dropped is seen to be. */
async function settle(): Promise<void> {
  await wait(3);
  for (let turn = 0; turn < 20 && isObserved && spans.length === 0; turn++) {
    collectGarbage();
    await wait(2);
  }
}

function describeSpan({ status, attributes }: SpanRecord): string {
  const mark = ['cancelled', 'abandoned'].filter((each) => attributes[`autolog.${each}`] === true);
  return [status.code, ...mark, itemsIn(attributes['mlflow.spanOutputs'])].join(', ');
}

function itemsIn(outputs: unknown): number {
  if (Array.isArray(outputs)) return outputs.length;
  const { choices } = Object(outputs) as { choices?: { message: { content: string } }[] };
  return choices?.[0]?.message.content?.match(/one|two|three/g)?.length ?? 0;
}

const played: Played[] = [];
for (const ending of Object.keys(ENDINGS)) {
  for (const kind of KINDS) played.push(await play(kind, ending));
}
await server.close();
process.stdout.write(JSON.stringify(played));
