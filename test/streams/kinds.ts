import { Readable } from 'node:stream';
import { IterableReadableStream } from '@langchain/core/utils/stream';
import OpenAI from 'openai';
import type { OpenAiServer } from '../../examples/endpoint/server.mjs';

/** How the source of a stream is to behave; it has the items one, two and three. */
export interface Behaviour {
  /** Fails after two items. */
  readonly fails?: boolean;
  readonly signal?: AbortSignal;
  /** Told when the source begins, at each item and when it is over. */
  readonly onStep?: () => void;
}

/** What programs do with a stream of any kind; each has some of it. */
export interface AnyStream extends AsyncIterable<unknown> {
  readonly controller?: AbortController;
  tee?(): [AnyStream, AnyStream];
  cancel?(): Promise<void>;
  destroy?(): void;
  getReader?(): ReadableStreamDefaultReader<unknown>;
  pipeTo?(to: WritableStream<unknown>): Promise<void>;
  pipeThrough?(through: TransformStream<unknown, unknown>): AnyStream;
  toReadableStream?(): ReadableStream<Uint8Array>;
}

export const ITEMS = ['one', 'two', 'three'] as const;

/** The error of a source that fails. */
export const THEIRS = new Error('theirs');

async function* generate({ fails, signal, onStep }: Behaviour): AsyncGenerator<string> {
  try {
    for (const [index, item] of ITEMS.entries()) {
      onStep?.();
      await null;
      signal?.throwIfAborted();
      if (fails && index === 2) throw THEIRS;
      yield item;
    }
  } finally {
    onStep?.();
  }
}

/** Gives each kind of stream; its method is what is patched. */
export class Source {
  open(kind: string, behaviour: Behaviour): unknown {
    const generator = generate(behaviour);
    if (kind === 'custom iterable') return { [Symbol.asyncIterator]: () => generate(behaviour) };
    if (kind === 'web stream') return ReadableStream.from(generator);
    if (kind === 'Node stream') return Readable.from(generator);
    if (kind === 'LangChain stream') return IterableReadableStream.fromAsyncGenerator(generator);
    return generator;
  }
}

/** The kinds of streams, as the columns of the table name them. */
export const KINDS = [
  'openai Stream',
  'async generator',
  'custom iterable',
  'web stream',
  'Node stream',
  'LangChain stream',
] as const;

export type Kind = (typeof KINDS)[number];

/** Opens a stream of a kind, by a patched method of `source` or of the SDK. */
export async function openStream(
  kind: Kind,
  behaviour: Behaviour,
  { source, server }: { readonly source: Source; readonly server: OpenAiServer },
): Promise<AnyStream> {
  if (kind !== 'openai Stream') return source.open(kind, behaviour) as AnyStream;
  const client = new OpenAI({ baseURL: server.url, apiKey: 'any', maxRetries: 0 });
  const pace = behaviour.fails ? { failAfter: 2 } : { eventDelayMs: behaviour.signal ? 5 : 0 };
  server.reply('chat.completions', () => ({ events: ITEMS.map(toChunk), pace }));
  const stream = await client.chat.completions.create(
    { model: 'any', messages: [{ role: 'user', content: 'count' }], stream: true },
    { signal: behaviour.signal },
  );
  return stream as unknown as AnyStream;
}

function toChunk(content: string) {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'any',
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
  };
}

/** An item as the log shows it. */
export function toText(item: unknown): string {
  if (item instanceof Uint8Array) return toText(JSON.parse(Buffer.from(item).toString()));
  const { choices } = Object(item) as { choices?: { delta: { content: string } }[] };
  return choices?.[0]?.delta.content ?? String(item);
}
