import {
  bareSpan,
  chat,
  chatSpan,
  collect,
  failedSpan,
  type OpenAiCase,
  type OpenAiContext,
  streamSpan,
} from './context.ts';

const flowerReply = '{"species":"setosa","petal_length_cm":1.5}';
const flowerSpan = { ...bareSpan, text: flowerReply, tokens: [63, 15] as const };
const responseSpan = { name: 'Responses', type: 'CHAT_MODEL' };
const thinking = {
  ...responseSpan,
  text: 'Iris virginica has the longest pe',
  tokens: [1410, 140] as const,
  parts: [1280, 128] as const,
};
const flowerFormat = { type: 'json_schema' as const, name: 'flower', schema: {}, strict: true };

function flower({ zod: { z }, helpers }: OpenAiContext) {
  return helpers.zodResponseFormat(z.object({ species: z.string(), petal_length_cm: z.number() }), 'flower');
}

function toolRun(calls: unknown[] = []) {
  const call = ({ city }: { city: string }) => {
    calls.push(city);
    return `fine in ${city}`;
  };
  const parse = JSON.parse as (text: string) => { city: string };
  const parameters = { type: 'object', properties: { city: { type: 'string' } } };
  const tool = { name: 'get_weather', description: 'Tells the weather', parse, parameters, function: call };
  const messages = [{ role: 'user' as const, content: 'Is it raining?' }];
  return { model: 'gpt-4.1-mini', messages, tools: [{ type: 'function' as const, function: tool }] };
}

/** The span tree of `runTools` with the stored replies: two rounds, between them two tools. */
const toolSpans = [
  { name: 'runTools', type: 'AGENT', isOurs: true },
  { name: 'get_weather', type: 'TOOL', text: 'fine in Paris', parent: 'runTools', isOurs: true },
  { name: 'get_weather', type: 'TOOL', text: 'fine in Tokyo', parent: 'runTools', isOurs: true },
  { ...bareSpan, text: '{"city": "Tokyo"}', parent: 'runTools' },
  { ...bareSpan, text: 'take an umbrella to Paris only', parent: 'runTools' },
];

/** Helpers that the library builds on its own calls. */
export const helperCases: Readonly<Record<string, OpenAiCase>> = {
  'chat.completions.parse with zod': {
    run: (context) => context.client.chat.completions.parse({ ...chat, response_format: flower(context) }),
    spans: [flowerSpan],
  },
  'chat.completions.parse with withResponse()': {
    async run(context) {
      const { data, response } = await context.client.chat.completions
        .parse({ ...chat, response_format: flower(context) })
        .withResponse();
      return [data, response.status];
    },
    spans: [flowerSpan],
  },
  'chat.completions.parse of a reply that does not fit': {
    run: ({ client, helpers, zod: { z } }) =>
      client.chat.completions.parse({
        ...chat,
        response_format: helpers.zodResponseFormat(z.object({ a: z.number() }), 'x'),
      }),
    spans: [bareSpan],
  },
  'chat.completions.stream and its final completion': {
    async run({ client }) {
      const pieces: string[] = [];
      const stream = client.chat.completions.stream(chat).on('content', (piece) => pieces.push(piece));
      return [stream.constructor.name, await stream.finalChatCompletion(), pieces];
    },
    spans: [streamSpan],
  },
  'chat.completions.stream in a loop': {
    run: ({ client }) => collect(client.chat.completions.stream(chat)),
    spans: [streamSpan],
  },
  'the order of the events of chat.completions.stream': {
    async run({ client }) {
      const order: string[] = [];
      const stream = client.chat.completions.stream(chat);
      const names = ['connect', 'chunk', 'content', 'message', 'chatCompletion', 'finalContent', 'end'] as const;
      for (const name of names) stream.on(name, () => void order.push(name));
      await stream.done();
      return order;
    },
    spans: [streamSpan],
  },
  'chat.completions.stream that fails': {
    run: ({ client }) => client.chat.completions.stream({ ...chat, model: 'breaks-midway' }).finalContent(),
    spans: [failedSpan],
  },
  'chat.completions.stream aborted': {
    run({ client }) {
      const stream = client.chat.completions.stream({ ...chat, model: 'slow' });
      stream.on('content', () => stream.abort());
      return stream.finalContent();
    },
    spans: [bareSpan],
  },
  runTools: {
    async run({ client }) {
      const calls: unknown[] = [];
      const runner = client.chat.completions.runTools(toolRun(calls));
      return [await runner.finalContent(), runner.messages, await runner.totalUsage(), calls];
    },
    spans: toolSpans,
  },
  'runTools in a stream': {
    async run({ client }) {
      const runner = client.chat.completions.runTools({ ...toolRun(), stream: true });
      return [await runner.finalContent(), runner.messages];
    },
    spans: toolSpans,
  },
  'runTools with a tool that throws': {
    async run({ client }) {
      const { tools, ...rest } = toolRun();
      const [tool] = tools;
      const thrower = () => {
        throw new Error('no weather');
      };
      if (tool === undefined) return undefined;
      const failing = [{ ...tool, function: { ...tool.function, function: thrower } }];
      const runner = client.chat.completions.runTools({ ...rest, tools: failing });
      return [await runner.finalContent(), runner.messages];
    },
    spans: [
      { name: 'runTools', type: 'AGENT', isError: true, isOurs: true },
      { ...bareSpan, text: '{"city": "Tokyo"}', parent: 'runTools' },
      { name: 'get_weather', type: 'TOOL', isError: true, parent: 'runTools', isOurs: true },
      { name: 'get_weather', type: 'TOOL', isError: true, parent: 'runTools', isOurs: true },
    ],
  },
  'runTools that fails': {
    run: ({ client }) => client.chat.completions.runTools({ ...toolRun(), model: 'fails-401' }).finalContent(),
    spans: [{ name: 'runTools', type: 'AGENT', isError: true, isOurs: true }, failedSpan],
  },
  'responses.create': {
    async run({ client }) {
      const response = await client.responses.create({ model: 'gpt-4.1-mini', input: 'think' });
      return [response, response.output_text];
    },
    spans: [thinking],
  },
  'responses.create with withResponse()': {
    async run({ client }) {
      const promise = client.responses.create({ model: 'gpt-4.1-mini', input: 'think' });
      const { data, response } = await promise.withResponse();
      return [data.output_text, response.status];
    },
    spans: [thinking],
  },
  'responses.create in a stream': {
    run: async ({ client }) =>
      collect(await client.responses.create({ model: 'gpt-4.1-mini', input: 'think', stream: true })),
    spans: [thinking],
  },
  'responses in a stream with withResponse()': {
    async run({ client }) {
      const promise = client.responses.create({ model: 'gpt-4.1-mini', input: 'think', stream: true });
      const { data, response } = await promise.withResponse();
      return [(await collect(data)).length, response.status];
    },
    spans: [thinking],
  },
  'a stream of responses that fails in the middle': {
    run: async ({ client }) =>
      collect(await client.responses.create({ model: 'breaks-midway', input: 'think', stream: true })),
    spans: [{ ...responseSpan, isError: true }],
  },
  'responses.stream and its final response': {
    run: ({ client }) => client.responses.stream({ model: 'gpt-4.1-mini', input: 'think' }).finalResponse(),
    spans: [thinking],
  },
  'responses.stream in a loop': {
    run: ({ client }) => collect(client.responses.stream({ model: 'gpt-4.1-mini', input: 'think' })),
    spans: [thinking],
  },
  'responses.parse': {
    async run({ client }) {
      const parsed = await client.responses.parse({
        model: 'gpt-4.1-mini',
        input: 'x',
        text: { format: flowerFormat },
      });
      return [parsed.output_parsed, parsed.output];
    },
    spans: [{ ...responseSpan, text: 'petal_length_cm', tokens: [58, 16] }],
  },
  'responses with a rate limit': {
    run: ({ client }) => client.responses.create({ model: 'fails-429', input: 'x' }),
    spans: [{ ...responseSpan, isError: true }],
  },
  'a call inside of another’s then': {
    run: ({ client }) =>
      client.chat.completions.create(chat).then(() => client.chat.completions.create({ ...chat, seed: 2 })),
    spans: [chatSpan, chatSpan],
  },
};
