import type { BaseMessage } from '@langchain/core/messages';
import type { ChatGenerationChunk } from '@langchain/core/outputs';
import type { LangChainCopy } from './langchain-setup.ts';

const usage_metadata = {
  input_tokens: 20,
  output_tokens: 5,
  total_tokens: 25,
  input_token_details: { cache_read: 12 },
  output_token_details: { reasoning: 2 },
};

/** Answers with text, or asks for the tool `add` as long as no tool has answered; streams word by word. */
export function createChatModel({ AIMessage, AIMessageChunk, BaseChatModel, ...copy }: LangChainCopy) {
  return class EchoModel extends BaseChatModel {
    /** What is called in place of a provider. */
    onCall: (messages: BaseMessage[]) => unknown = () => undefined;
    asksForTool = false;
    #count = 0;

    _llmType() {
      return 'echo';
    }

    override bindTools() {
      return this;
    }

    async _generate(messages: BaseMessage[]) {
      await this.onCall(messages);
      const tool_calls =
        this.asksForTool && messages.at(-1)?._getType() !== 'tool'
          ? [{ id: 'call-1', name: 'add', args: { a: 1, b: 2 }, type: 'tool_call' as const }]
          : [];
      const content = tool_calls.length > 0 ? '' : `echo of ${String(messages.at(-1)?.content)}`;
      this.#count += 1;
      const message = new AIMessage({ id: `msg-${this.#count}`, content, tool_calls, usage_metadata });
      return { generations: [{ text: content, message }] };
    }

    override async *_streamResponseChunks(
      messages: BaseMessage[],
      _options: unknown,
      runManager?: { handleLLMNewToken(text: string): Promise<void> },
    ): AsyncGenerator<ChatGenerationChunk> {
      if (this.asksForTool) {
        const { generations } = await this._generate(messages);
        for (const { text, message } of generations) {
          yield new copy.ChatGenerationChunk({ text, message: new AIMessageChunk({ ...message }) });
        }
        return;
      }
      await this.onCall(messages);
      for (const text of ['one ', 'two ', 'three']) {
        const message = new AIMessageChunk({ id: 'msg-1', content: text });
        yield new copy.ChatGenerationChunk({ text, message });
        await runManager?.handleLLMNewToken(text);
      }
      const last = new AIMessageChunk({ id: 'msg-1', content: '', usage_metadata });
      yield new copy.ChatGenerationChunk({ text: '', message: last });
    }
  };
}

/** A text model of the older kind. */
export function createTextModel({ LLM }: LangChainCopy) {
  return class TextModel extends LLM {
    _llmType() {
      return 'text';
    }

    async _call(prompt: string) {
      return `text after ${prompt}`;
    }
  };
}

/** Finds the same document for every question. */
export function createRetriever({ BaseRetriever }: LangChainCopy) {
  return class NotesRetriever extends BaseRetriever {
    lc_namespace = ['test'];

    override async _getRelevantDocuments(question: string) {
      return [{ pageContent: `note on ${question}`, metadata: { page: 7 }, id: 'note-7' }];
    }
  };
}
