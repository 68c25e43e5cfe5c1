import OpenAI from 'openai';
import { afterAll, beforeAll } from 'vitest';
import { type OpenAiServer, startOpenAiServer } from '../../examples/endpoint/server.mjs';
import { autolog } from '../../integrations/openai.ts';
import { testOwnIntegration } from './own-contract.ts';

let server: OpenAiServer;

beforeAll(async () => {
  server = await startOpenAiServer();
});

afterAll(() => server.close());

const model = 'gpt-4.1-mini';

const weather = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    description: 'Tells the weather of a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
    parse: (text: string): { city: string } => JSON.parse(text),
    function: ({ city }: { city: string }) => `rain in ${city}`,
  },
};

function connect(options: object = {}): OpenAI {
  return new OpenAI({ baseURL: server.url, apiKey: 'any', maxRetries: 0, ...options });
}

function ask(content: string) {
  return [{ role: 'user' as const, content }];
}

async function textOf(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  return text;
}

testOwnIntegration({
  integration: autolog,
  async use() {
    const client = connect();
    const { chat, responses, completions, embeddings } = client;
    const call = chat.completions.create({ model, messages: ask('Name a prime.') });
    const { data, response } = await call.withResponse();
    const streamed = await chat.completions.create({ model, messages: ask('Name a prime.'), stream: true });
    const runner = chat.completions.runTools({
      model,
      messages: ask('What is the weather in Paris and Tokyo?'),
      tools: [weather],
    });
    const answer = await runner.finalContent();
    const parsed = await responses.create({ model, input: 'Name a prime.' });
    const legacy = await completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'One, two,' });
    const { data: vectors } = await embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b'] });
    return {
      class: call.constructor.name,
      keys: Object.keys(call),
      reply: [data.choices, response.status],
      streamed: await textOf(streamed),
      answer,
      parsed: parsed.output_text,
      legacy: legacy.choices,
      vectors,
    };
  },
  async fail(error) {
    const client = connect({ fetch: () => Promise.reject(error) });
    const caught: unknown = await client.chat.completions
      .create({ model, messages: ask('Hi') })
      .catch((each) => each);
    return (caught as Error).cause;
  },
  expected: {
    traces: [
      ['Completions CHAT_MODEL inputs outputs tokens'],
      ['Completions CHAT_MODEL inputs outputs'],
      [
        'runTools AGENT inputs outputs',
        '  Completions CHAT_MODEL inputs outputs tokens',
        '  get_weather TOOL inputs outputs',
        '  get_weather TOOL inputs outputs',
        '  Completions CHAT_MODEL inputs outputs tokens',
      ],
      ['Responses CHAT_MODEL inputs outputs tokens'],
      ['Completions LLM inputs outputs tokens'],
      ['Embeddings EMBEDDING inputs outputs tokens'],
    ],
    runs: [],
  },
});
