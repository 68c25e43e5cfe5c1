// What every subject is given to trace: one conversation, answered by a `fetch` of this file, without any network.

/** Chunks of text in one streamed answer. */
export const CHUNK_COUNT = 200;

const MODEL = 'gpt-4o-mini';

const question =
  'Which three cities should somebody see who comes to Europe for the first time, has two weeks and likes music? ';

const answer = 'Vienna, for its concert halls and cafés; Leipzig, where Bach worked; and Lisbon, for its fado. ';

export const body = {
  model: MODEL,
  temperature: 0.2,
  max_tokens: 800,
  messages: [
    {
      role: 'system',
      content: 'You are a travel guide. Answer in short, correct sentences, and name your reasons.',
    },
    { role: 'user', content: question.repeat(4) },
  ],
};

export const streamBody = { ...body, stream: true, stream_options: { include_usage: true } };

const usage = {
  prompt_tokens: 118,
  completion_tokens: CHUNK_COUNT,
  total_tokens: 118 + CHUNK_COUNT,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
};

const completion = JSON.stringify({
  id: 'chatcmpl-AbCdEfGhIjKlMnOpQrStUvWx',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: `${MODEL}-2024-07-18`,
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: answer.repeat(5), refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage,
  system_fingerprint: 'fp_1234567890',
});

const encoder = new TextEncoder();
const events = [
  chunk([
    { index: 0, delta: { role: 'assistant', content: '', refusal: null }, logprobs: null, finish_reason: null },
  ]),
  ...Array.from({ length: CHUNK_COUNT - 2 }, (_, i) =>
    chunk([{ index: 0, delta: { content: ` word${i}` }, logprobs: null, finish_reason: null }]),
  ),
  chunk([{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }]),
  chunk([], usage),
  'data: [DONE]\n\n',
].map((event) => encoder.encode(event));

function chunk(choices, tokens = null) {
  const data = {
    id: 'chatcmpl-AbCdEfGhIjKlMnOpQrStUvWx',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: `${MODEL}-2024-07-18`,
    system_fingerprint: 'fp_1234567890',
    choices,
    usage: tokens,
  };
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** Answers as the service would: each event of a stream is a piece of its own, as it comes from the network. */
export async function answerFetch(_url, { body: sent }) {
  if (!sent.includes('"stream":true')) {
    return new Response(completion, { headers: { 'content-type': 'application/json', 'x-request-id': 'req_1' } });
  }
  let next = 0;
  const stream = new ReadableStream({
    pull(controller) {
      if (next === events.length) controller.close();
      else controller.enqueue(events[next++]);
    },
  });
  return new Response(stream, { headers: { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' } });
}

/** Does one call and takes in what it gives. */
export const calls = {
  async plain(client) {
    const reply = await client.chat.completions.create(body);
    if (reply.choices[0].message.content.length < 100) throw new Error('the answer is not whole');
  },
  async streamed(client) {
    let length = 0;
    for await (const { choices } of await client.chat.completions.create(streamBody)) {
      length += choices[0]?.delta.content?.length ?? 0;
    }
    if (length < 1000) throw new Error('the answer is not whole');
  },
};
