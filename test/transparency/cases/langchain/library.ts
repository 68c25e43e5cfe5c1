import { setTimeout as wait } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { BaseCallbackHandler } from '@langchain/core/callbacks/base';
import type { BaseMessage } from '@langchain/core/messages';
import type { LangChainCopy } from '../../../integrations/langchain-setup.ts';

/** One program, and what is recorded of it. */
export interface LangChainCase {
  readonly title: string;
  /** What happens natively is what must happen in any case: what this returns, as text. */
  run(copy: LangChainCopy): unknown;
  /** Names, types and bad ends of the spans, as `tree()` gives them; runnables that only langchain puts in are left out. */
  readonly spans: readonly string[];
  /** The library may drop what it streams from: then the span ends when that is collected, at the latest at exit. */
  readonly isDropped?: boolean;
  /** Is about the end of a program. */
  readonly isAlone?: boolean;
}

/** A value with all that it holds, hidden keys too; ids that are made anew each time become numbers. */
export function toText(value: unknown): string {
  const ids = new Map<string, string>();
  const text = inspect(value, { depth: 12, showHidden: true, maxArrayLength: 1000, maxStringLength: 100_000 });
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => {
      if (!ids.has(id)) ids.set(id, `<id ${ids.size}>`);
      return String(ids.get(id));
    })
    .replaceAll(/^ +at .*\n?/gm, '');
}

/** Answers with what it is asked, without an id, as most providers' models of old; streams word by word. */
export function createModel(copy: LangChainCopy) {
  const { AIMessage, AIMessageChunk, BaseChatModel, ChatGenerationChunk } = copy;
  return class Parrot extends BaseChatModel {
    /** What was asked for, and with what. */
    readonly seen: string[] = [];
    /** Fails so many times before it answers. */
    failures = 0;
    /** Chunks after which a stream fails. */
    failsAfter = Number.POSITIVE_INFINITY;
    /** Time that a chunk takes. */
    delayMs = 0;
    toolCall: { id: string; name: string; args: object } | undefined;

    _llmType() {
      return 'parrot';
    }

    override bindTools() {
      return this;
    }

    #fail() {
      if (this.failures === 0) return;
      this.failures -= 1;
      throw new RangeError('the parrot sleeps');
    }

    async _generate(messages: BaseMessage[], _options: unknown, runManager?: unknown) {
      this.seen.push(`generate ${messages.length} ${typeof runManager}`);
      this.#fail();
      const content = this.toolCall ? '' : `said ${String(messages.at(-1)?.content)}`;
      const tool_calls = this.toolCall ? [{ ...this.toolCall, type: 'tool_call' as const }] : [];
      const message = this.toolCall
        ? new AIMessageChunk({ content, tool_calls })
        : new AIMessage({ content, tool_calls });
      const tokenUsage = { promptTokens: 3, completionTokens: 4, totalTokens: 7 };
      const generation = { text: content, message, generationInfo: { finish_reason: 'stop' } };
      return { generations: [generation], llmOutput: { tokenUsage } };
    }

    override async *_streamResponseChunks(
      messages: BaseMessage[],
      _options: unknown,
      runManager?: { handleLLMNewToken(text: string): Promise<void> },
    ) {
      this.seen.push(`stream ${messages.length} ${typeof runManager}`);
      try {
        this.#fail();
        for (const [index, text] of ['one ', 'two ', 'three ', 'four'].entries()) {
          if (this.delayMs > 0) await wait(this.delayMs);
          if (index >= this.failsAfter) throw new RangeError('the parrot chokes');
          yield new ChatGenerationChunk({
            text,
            message: new AIMessageChunk({ content: text }),
            generationInfo: { index },
          });
          this.seen.push(`gave ${index}`);
          await runManager?.handleLLMNewToken(text);
        }
      } finally {
        this.seen.push('closed');
      }
    }
  };
}

/** Goes on as it was given, word by word. */
export function createTextModel({ GenerationChunk, LLM }: LangChainCopy) {
  return class Echo extends LLM {
    readonly seen: string[] = [];

    _llmType() {
      return 'echo';
    }

    async _call(prompt: string, _options: unknown, runManager?: unknown) {
      this.seen.push(`call ${typeof runManager}`);
      return `${prompt} and so on`;
    }

    override async *_streamResponseChunks(prompt: string, _options: unknown, runManager?: unknown) {
      this.seen.push(`stream ${typeof runManager}`);
      for (const text of prompt.split(' ')) yield new GenerationChunk({ text });
    }
  };
}

/** Finds two documents for every question. */
export function createRetriever({ BaseRetriever }: LangChainCopy) {
  return class Shelf extends BaseRetriever {
    lc_namespace = ['test'];
    readonly seen: string[] = [];

    override async _getRelevantDocuments(question: string, runManager?: unknown) {
      this.seen.push(`asked ${typeof runManager}`);
      if (question === '') throw new TypeError('nothing asked');
      return [1, 2].map((page) => ({ pageContent: `${question} ${page}`, metadata: { page }, id: `doc-${page}` }));
    }
  };
}

/** Events as a handler of the program gets them. */
export function createListener(options: { readonly awaitHandlers?: boolean } = {}) {
  const events: unknown[] = [];
  const names = ['Chain', 'LLM', 'Tool', 'Retriever'].flatMap((kind) =>
    ['Start', 'End', 'Error'].map((event) => `handle${kind}${event}`),
  );
  const told =
    (name: string) =>
    (...args: unknown[]) => {
      const plain = args.map((arg) => (typeof arg === 'string' || Array.isArray(arg) ? arg : typeof arg));
      events.push([name, ...plain]);
    };
  const methods = [...names, 'handleChatModelStart', 'handleLLMNewToken', 'handleText', 'handleCustomEvent'];
  const members = Object.fromEntries(methods.map((name) => [name, told(name)]));
  // As a program would write it: an object with methods, which the library takes as a handler.
  return { handler: { name: 'listener', ...options, ...members } as unknown as BaseCallbackHandler, events };
}
