import OpenAI7, { AzureOpenAI as AzureOpenAI7 } from 'openai';
import OpenAI5, { AzureOpenAI as AzureOpenAI5 } from 'openai-5';
import OpenAI6, { AzureOpenAI as AzureOpenAI6 } from 'openai-6';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type OpenAiServer, startOpenAiServer } from '../../examples/endpoint/server.mjs';

const model = 'gpt-4.1-mini';
const parameters = { type: 'object' as const, properties: { city: { type: 'string' as const } } };
const weatherFunction = { type: 'function' as const, name: 'get_weather', strict: false, parameters };
const weatherTool = { type: 'function' as const, function: { name: 'get_weather', parameters } };

// The three releases have the same shapes for what is called here, under types that do not mix.
const releases = [
  {
    name: 'openai 5',
    OpenAI: OpenAI5 as unknown as typeof OpenAI7,
    Azure: AzureOpenAI5 as unknown as typeof AzureOpenAI7,
  },
  {
    name: 'openai 6',
    OpenAI: OpenAI6 as unknown as typeof OpenAI7,
    Azure: AzureOpenAI6 as unknown as typeof AzureOpenAI7,
  },
  { name: 'openai 7', OpenAI: OpenAI7, Azure: AzureOpenAI7 },
];

let server: OpenAiServer;

async function collect<Item>(stream: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

beforeEach(async () => {
  server = await startOpenAiServer();
});

afterEach(() => server.close());

describe.each(releases)('loopback endpoint for $name', ({ OpenAI, Azure }) => {
  function connect(options: { apiKey?: string; maxRetries?: number } = {}) {
    return new OpenAI({ baseURL: server.url, apiKey: 'test-key', maxRetries: 0, ...options });
  }

  function ask(text: string) {
    return [{ role: 'user' as const, content: text }];
  }

  test('answers a chat call with its id, model snapshot and usage', async () => {
    const { data, request_id } = await connect()
      .chat.completions.create({ model, messages: ask('Read this long report.') })
      .withResponse();

    expect(request_id).toMatch(/^req_/);
    expect(data).toMatchObject({ object: 'chat.completion', model: 'gpt-4.1-mini-2025-04-14' });
    expect(data.id).toMatch(/^chatcmpl-/);
    expect(data.choices[0]).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant' } });
    expect(data.usage?.prompt_tokens_details?.cached_tokens).toBe(1920);
    expect(data.usage?.completion_tokens_details?.reasoning_tokens).toBe(256);
  });

  test('gives each reply an id of its own', async () => {
    const client = connect();
    const first = await client.chat.completions.create({ model, messages: ask('Hi') });
    const second = await client.chat.completions.create({ model, messages: ask('Hi') });
    expect(first.id).not.toBe(second.id);
  });

  test('answers as many choices as were asked for', async () => {
    const whole = await connect().chat.completions.create({ model, n: 3, messages: ask('Name a flower') });
    expect(whole.choices.map(({ index, finish_reason }) => [index, finish_reason])).toEqual([
      [0, 'stop'],
      [1, 'stop'],
      [2, 'length'],
    ]);
    const stream = await connect().chat.completions.create({
      model,
      n: 3,
      stream: true,
      messages: ask('Name a flower'),
    });
    const texts = ['', '', ''];
    for await (const { choices } of stream) {
      for (const { index, delta } of choices) texts[index] += delta.content ?? '';
    }
    expect(texts).toEqual(whole.choices.map(({ message }) => message.content));
  });

  test('streams the same text as it answers whole, and usage only on demand', async () => {
    const client = connect();
    const whole = await client.chat.completions.create({ model, messages: ask('Write a limerick') });
    const stream = await client.chat.completions.create({
      model,
      stream: true,
      stream_options: { include_usage: true },
      messages: ask('Write a limerick'),
    });
    const chunks = await collect(stream);
    const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');

    expect(text).toBe(whole.choices[0]?.message.content);
    expect(chunks.length).toBeGreaterThan(10);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
    expect(chunks.at(-2)?.usage).toBeNull();

    const plain = await client.chat.completions.create({ model, stream: true, messages: ask('Hi') });
    for (const chunk of await collect(plain)) expect(chunk).not.toHaveProperty('usage');
  });

  test('streams parallel tool calls that the SDK puts together', async () => {
    const request = { model, tools: [weatherTool], messages: ask('Weather in Paris and Tokyo?') };
    const whole = await connect().chat.completions.create(request);
    const streamed = await connect().chat.completions.stream(request).finalChatCompletion();

    const calls = whole.choices[0]?.message.tool_calls;
    expect(calls).toHaveLength(2);
    expect(streamed.choices[0]?.message.tool_calls).toMatchObject(calls ?? []);
    expect(streamed.choices[0]?.finish_reason).toBe('tool_calls');
  });

  test('lets runTools call the tools and fetch the answer', async () => {
    const cities: string[] = [];
    const runner = connect().chat.completions.runTools({
      model,
      messages: ask('Weather in Paris and Tokyo?'),
      tools: [
        {
          type: 'function',
          function: {
            ...weatherTool.function,
            description: 'Weather of a city now',
            function: (text: string) => {
              cities.push(JSON.parse(text).city);
              return 'mild';
            },
          },
        },
      ],
    });
    expect(await runner.finalContent()).toContain('umbrella');
    expect(cities).toEqual(['Paris', 'Tokyo']);
    expect(server.requests).toHaveLength(2);
  });

  test('answers structured output in chat and in responses', async () => {
    const schema = { type: 'object', properties: {}, additionalProperties: false };
    const chat = await connect().chat.completions.parse({
      model,
      messages: ask('Describe setosa'),
      response_format: { type: 'json_schema', json_schema: { name: 'flower', schema } },
    });
    const response = await connect().responses.parse({
      model,
      input: 'Describe setosa',
      text: { format: { type: 'json_schema', name: 'flower', schema } },
    });
    const flower = { species: 'setosa', petal_length_cm: 1.5 };
    expect(JSON.parse(chat.choices[0]?.message.content ?? '')).toEqual(flower);
    expect(JSON.parse(response.output_text)).toEqual(flower);
  });

  test('embeds as base64 and as numbers alike', async () => {
    const client = connect();
    const request = { model: 'text-embedding-3-small', input: ['Iris setosa', 'Iris virginica'] };
    const packed = await client.embeddings.create(request);
    const plain = await client.embeddings.create({ ...request, encoding_format: 'float' });
    const raw = await client.embeddings.create({ ...request, encoding_format: 'base64' });

    expect(server.requests[0]?.body?.encoding_format).toBe('base64');
    expect(typeof raw.data[0]?.embedding).toBe('string');
    expect(plain.data[0]?.embedding).toHaveLength(1536);
    expect(packed.data.map(({ embedding }) => Array.from(embedding))).toEqual(
      plain.data.map(({ embedding }) => embedding),
    );
    expect(plain.usage).toEqual({ prompt_tokens: 4, total_tokens: 4 });

    const short = await client.embeddings.create({ ...request, input: [1, 2, 3], dimensions: 8 });
    expect(short.data).toHaveLength(1);
    expect(Array.from(short.data[0]?.embedding ?? [])).toHaveLength(8);
  });

  test('answers a response with the settings of its request', async () => {
    const response = await connect().responses.create({
      model: 'gpt-5-mini',
      input: 'Think: which petals are longest?',
      instructions: 'Be short.',
    });
    expect(response.output_text).toBe('Iris virginica has the longest petals.');
    expect(response).toMatchObject({
      object: 'response',
      status: 'completed',
      instructions: 'Be short.',
      usage: {
        input_tokens_details: { cached_tokens: 1280 },
        output_tokens_details: { reasoning_tokens: 128 },
      },
    });
  });

  test('streams a response from created to completed', async () => {
    const input = 'Think: which petals are longest?';
    const stream = await connect().responses.create({ model: 'gpt-5-mini', stream: true, input });
    const events = await collect(stream);
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at));
    expect(events[0]).toMatchObject({ type: 'response.created', response: { status: 'in_progress' } });
    expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { status: 'completed' } });

    const rebuilt = await connect().responses.stream({ model: 'gpt-5-mini', input }).finalResponse();
    expect(rebuilt.output.at(-1)).toMatchObject({
      content: [{ text: 'Iris virginica has the longest petals.' }],
    });
  });

  test('streams function calls of a response and answers their outputs', async () => {
    const request = { model, tools: [weatherFunction], input: 'Weather in Paris and Tokyo?' };
    const response = await connect().responses.stream(request).finalResponse();
    const calls = response.output.filter((item) => item.type === 'function_call');
    expect(calls.map((call) => JSON.parse(call.arguments))).toEqual([{ city: 'Paris' }, { city: 'Tokyo' }]);

    const outputs = calls.map(({ call_id }) => ({
      type: 'function_call_output' as const,
      call_id,
      output: 'mild',
    }));
    const answer = await connect().responses.create({
      ...request,
      input: [...ask(request.input), ...calls, ...outputs],
    });
    expect(answer.output_text).toContain('Tokyo is sunny');
  });

  test('answers and streams legacy completions', async () => {
    const request = { model: 'gpt-3.5-turbo-instruct', prompt: 'Tell of flowers', n: 2 };
    const whole = await connect().completions.create(request);
    const stream = await connect().completions.create({ ...request, stream: true });
    const texts = ['', ''];
    for await (const { choices } of stream) {
      for (const { index, text } of choices) texts[index] += text;
    }
    expect(whole.object).toBe('text_completion');
    expect(texts).toEqual(whole.choices.map(({ text }) => text));
  });

  test.each([
    ['fails-401', 401, 'invalid_api_key'],
    ['fails-404', 404, 'model_not_found'],
    ['fails-429', 429, 'rate_limit_exceeded'],
    ['fails-500', 500, null],
  ])('fails as the API does for the model %s', async (failing, status, code) => {
    const call = connect().chat.completions.create({ model: failing, messages: ask('Hi') });
    await expect(call).rejects.toMatchObject({ status, code });
    await expect(call).rejects.toBeInstanceOf(OpenAI.APIError);
  });

  test('is asked again after a rate limit', async () => {
    const limited = { status: 429, headers: { 'retry-after-ms': '5' }, body: { error: { message: 'slow down' } } };
    server.reply('chat.completions', (_, count) => (count === 1 ? limited : undefined));
    const reply = await connect({ maxRetries: 1 }).chat.completions.create({ model, messages: ask('Hi') });
    expect(reply.choices[0]?.message.content).toContain('Hello');
    expect(server.requests).toHaveLength(2);
  });

  test('breaks a stream with an error event or a lost connection', async () => {
    async function consume(failing: string) {
      const received: string[] = [];
      const stream = await connect().chat.completions.create({
        model: failing,
        stream: true,
        messages: ask('Hi'),
      });
      const outcome = await (async () => {
        for await (const chunk of stream) received.push(chunk.id);
      })().catch((error: unknown) => error);
      return { received, outcome };
    }
    const broken = await consume('breaks-midway');
    expect(broken.received).toHaveLength(3);
    expect(broken.outcome).toBeInstanceOf(OpenAI.APIError);
    const lost = await consume('hangs-up-midway');
    expect(lost.received).toHaveLength(3);
    expect(lost.outcome).toBeInstanceOf(Error);
    expect(lost.outcome).not.toBeInstanceOf(OpenAI.APIError);
  });

  test('ends a stream of a response with an error event', async () => {
    const stream = await connect().responses.create({ model: 'breaks-midway', stream: true, input: 'Hi' });
    const last = await collect(stream).then(
      (events) => events.at(-1),
      (error: unknown) => error,
    );
    // openai 5 and 6 hand the event to the loop, openai 7 throws it.
    expect(last).toMatchObject({ type: 'error', code: 'server_error' });
  });

  test('notices a client that leaves a slow stream', async () => {
    const stream = await connect().chat.completions.create({
      model: 'slow',
      stream: true,
      messages: ask('Write a limerick'),
    });
    for await (const _ of stream) break;
    await expect.poll(() => server.requests[0]?.closedEarly).toBe(true);
  });

  test('answers at the paths of Azure, with its filter results', async () => {
    const client = new Azure({
      endpoint: server.origin,
      apiKey: 'test-key',
      apiVersion: '2024-10-21',
      deployment: 'our-mini',
      maxRetries: 0,
    });
    const whole = await client.chat.completions.create({ model: '', messages: ask('Hi') });
    const streamed = await client.chat.completions
      .stream({ model: '', messages: ask('Hi') })
      .finalChatCompletion();

    expect(server.requests[0]).toMatchObject({
      path: '/openai/deployments/our-mini/chat/completions',
      query: { 'api-version': '2024-10-21' },
      isAzure: true,
      model: 'our-mini',
    });
    expect(whole).toHaveProperty('prompt_filter_results');
    expect(streamed.choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
  });

  test('sends scripted bodies and events as they are, until undone', async () => {
    const client = connect();
    const undo = server.reply('chat.completions', ({ body }) =>
      body?.stream ? { events: [{ id: 'odd' }] } : { body: { id: 'scripted', choices: [] } },
    );
    const messages = ask('Hi');
    expect(await client.chat.completions.create({ model, messages })).toMatchObject({ id: 'scripted' });
    const stream = await client.chat.completions.create({ model, messages, stream: true });
    expect(await collect(stream)).toEqual([{ id: 'odd' }]);
    undo();
    expect((await client.chat.completions.create({ model, messages })).id).toMatch(/^chatcmpl-/);
  });
});

describe('loopback endpoint', () => {
  test('keeps no key of the requests it has seen', async () => {
    const client = new OpenAI7({ baseURL: server.url, apiKey: 'very-secret' });
    await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hi' }] });
    expect(JSON.stringify(server.requests)).not.toContain('very-secret');
    expect(server.requests[0]?.headers['user-agent']).toContain('OpenAI/JS');
  });

  test.each([
    ['no key', '/v1/responses', {}, '{"model":"m"}', 401],
    ['an unknown path', '/v1/nothing', { authorization: 'Bearer k' }, '{}', 404],
    ['a body that is no JSON', '/v1/responses', { authorization: 'Bearer k' }, '{', 400],
    ['a body without a model', '/v1/responses', { authorization: 'Bearer k' }, '{}', 400],
  ])('refuses %s', async (_, path, headers, body, status) => {
    const response = await fetch(server.origin + path, { method: 'POST', headers, body });
    expect(response.status).toBe(status);
    expect(await response.json()).toHaveProperty('error.message');
  });

  test('accepts only the key that it was started with', async () => {
    const guarded = await startOpenAiServer({ apiKey: 'right' });
    const client = new OpenAI7({ baseURL: guarded.url, apiKey: 'wrong', maxRetries: 0 });
    const call = client.embeddings.create({ model: 'text-embedding-3-small', input: 'Hi' });
    await expect(call).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
    await guarded.close();
  });
});
