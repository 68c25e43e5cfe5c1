import { describe, expect, it } from 'vitest';
import { createChatCollector } from '../../../integrations/shapes/chat-completion.ts';
import { createTextCollector } from '../../../integrations/shapes/text-completion.ts';

type Json = Record<string, unknown>;

/** What the chunks amount to. */
function collect(chunks: readonly unknown[], collector = createChatCollector()) {
  for (const chunk of chunks) collector.add(freeze(chunk));
  return collector.result();
}

/** Chunks belong to the program: writing to one fails the test. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

/** A chunk with one choice. */
function chunkOf(delta: Json, rest: Json = {}): Json {
  return {
    id: 'c',
    object: 'chat.completion.chunk',
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: null, ...rest }],
  };
}

/** A chunk with a piece of a tool call. */
function callOf(piece: Json): Json {
  return chunkOf({ tool_calls: [piece] });
}

/** The message of the first choice. */
function messageOf(chunks: readonly unknown[]): Json {
  const { choices } = collect(chunks).outputs as { choices: { message: Json }[] };
  return choices[0]?.message ?? {};
}

describe('a chat stream', () => {
  it('becomes a completion', () => {
    const chunks = [
      chunkOf({ role: 'assistant', content: '', refusal: null }),
      chunkOf({ content: 'Hel' }),
      chunkOf({ content: 'lo' }),
      chunkOf({}, { finish_reason: 'stop' }),
    ];
    expect(collect(chunks)).toEqual({
      outputs: {
        id: 'c',
        object: 'chat.completion',
        model: 'm',
        choices: [
          { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hello', refusal: null } },
        ],
      },
      usage: undefined,
      attributes: { 'mlflow.llm.model': 'm' },
    });
  });

  it('keeps choices apart, in the order of their index', () => {
    const chunks = [
      { choices: [{ index: 1, delta: { content: 'b' } }] },
      {
        choices: [
          { index: 0, delta: { content: 'a' } },
          { index: 1, delta: { content: 'B' } },
        ],
      },
    ];
    expect(collect(chunks).outputs).toMatchObject({
      choices: [
        { index: 0, message: { content: 'a' } },
        { index: 1, message: { content: 'bB' } },
      ],
    });
  });

  it.each<[string, unknown[]]>([
    [
      'its last chunk',
      [chunkOf({ content: 'x' }), { choices: [], usage: { prompt_tokens: 2, completion_tokens: 1 } }],
    ],
    [
      'a chunk in between',
      [chunkOf({ content: 'x' }), { usage: { prompt_tokens: 2, completion_tokens: 1 } }, chunkOf({})],
    ],
    [
      'every chunk',
      [1, 2].map((input) => ({ choices: [], usage: { prompt_tokens: input, completion_tokens: 1 } })),
    ],
  ])('has the usage of %s', (_, chunks) => {
    expect(collect(chunks).usage).toEqual({ input_tokens: 2, output_tokens: 1, total_tokens: 3 });
  });

  it('takes the id and model of the first chunk that has them', () => {
    const azure = {
      id: '',
      model: '',
      object: '',
      created: 0,
      choices: [],
      prompt_filter_results: [{ prompt_index: 0 }],
    };
    expect(collect([azure, chunkOf({ content: 'x' })]).outputs).toMatchObject({
      id: 'c',
      model: 'm',
      prompt_filter_results: [{ prompt_index: 0 }],
    });
  });

  it.each([null, undefined, 'text', 7, [], {}, { choices: null }, { choices: [null] }, { choices: [{}] }])(
    'goes on after a chunk that is %o',
    (odd) => {
      expect(messageOf([odd, chunkOf({ content: 'x' })])).toMatchObject({ content: 'x' });
    },
  );

  it('joins refusals, log probabilities and what other servers add', () => {
    const chunks = [
      chunkOf(
        { refusal: 'I ', reasoning_content: 'hm' },
        { logprobs: { content: [{ token: 'a' }], refusal: null } },
      ),
      chunkOf({ refusal: 'cannot', reasoning_content: '!' }, { logprobs: { content: [{ token: 'b' }] } }),
    ];
    expect(collect(chunks).outputs).toMatchObject({
      choices: [
        {
          logprobs: { content: [{ token: 'a' }, { token: 'b' }] },
          message: { content: null, refusal: 'I cannot', reasoning_content: 'hm!' },
        },
      ],
    });
  });

  it('joins a legacy function call and audio', () => {
    const chunks = [
      chunkOf({
        function_call: { name: 'f', arguments: '{"a"' },
        audio: { id: 'au', data: 'AA', transcript: 'o' },
      }),
      chunkOf({ function_call: { arguments: ':1}' }, audio: { data: 'BB', transcript: 'k', expires_at: 9 } }),
    ];
    expect(messageOf(chunks)).toMatchObject({
      function_call: { name: 'f', arguments: '{"a":1}' },
      audio: { id: 'au', data: 'AABB', transcript: 'ok', expires_at: 9 },
    });
  });
});

describe('the tool calls of a stream', () => {
  const ab = [
    { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
    { id: 'b', type: 'function', function: { name: 'g', arguments: '{"y":2}' } },
  ];
  const openA = { id: 'a', type: 'function', function: { name: 'f', arguments: '' } };
  const openB = { id: 'b', type: 'function', function: { name: 'g', arguments: '' } };

  it.each<[string, Json[]]>([
    [
      'one after the other',
      [
        { index: 0, ...openA },
        { index: 0, function: { arguments: '{"x":1}' } },
        { index: 1, ...openB },
        { index: 1, function: { arguments: '{"y"' } },
        { index: 1, function: { arguments: ':2}' } },
      ],
    ],
    [
      'interleaved',
      [
        { index: 0, ...openA },
        { index: 1, ...openB },
        { index: 0, function: { arguments: '{"x"' } },
        { index: 1, function: { arguments: '{"y"' } },
        { index: 0, function: { arguments: ':1}' } },
        { index: 1, function: { arguments: ':2}' } },
      ],
    ],
    [
      'all with index 0',
      [
        { index: 0, ...openA },
        { index: 0, function: { arguments: '{"x":1}' } },
        { index: 0, ...openB },
        { index: 0, function: { arguments: '{"y":2}' } },
      ],
    ],
    ['whole and with index 0', ab.map((call) => ({ index: 0, ...call }))],
    ['whole and without index', ab],
    [
      'in pieces and without index',
      [openA, { function: { arguments: '{"x":1}' } }, openB, { function: { arguments: '{"y":2}' } }],
    ],
    [
      'with the id and name in every piece',
      [
        { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{"x"' } },
        { index: 0, id: 'b', type: 'function', function: { name: 'g', arguments: '{"y"' } },
        { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: ':1}' } },
        { index: 0, id: 'b', type: 'function', function: { name: 'g', arguments: ':2}' } },
      ],
    ],
    [
      'with an id that comes late',
      [
        { index: 0, type: 'function', function: { name: 'f', arguments: '{"x"' } },
        { index: 0, id: 'a', function: { arguments: ':1}' } },
        { index: 1, ...openB },
        { index: 1, id: '', function: { name: '', arguments: '{"y":2}' } },
      ],
    ],
  ])('are told apart: %s', (_, pieces) => {
    expect(messageOf(pieces.map(callOf)).tool_calls).toEqual(ab);
  });

  it('are told apart by index when there is no id', () => {
    const pieces = ['f', 'g'].map((name, index) => ({ index, function: { name, arguments: '{}' } }));
    expect(messageOf(pieces.map(callOf)).tool_calls).toEqual([
      { function: { name: 'f', arguments: '{}' } },
      { function: { name: 'g', arguments: '{}' } },
    ]);
  });

  it('are told apart by name when there is neither', () => {
    const pieces = ['f', 'g'].map((name) => ({ function: { name, arguments: '{}' } }));
    expect(messageOf(pieces.map(callOf)).tool_calls).toHaveLength(2);
  });

  it('belong to their choice', () => {
    const chunks = ab.map((call, index) => ({
      choices: [{ index, delta: { tool_calls: [{ index: 0, ...call }] } }],
    }));
    expect(collect(chunks).outputs).toMatchObject({
      choices: [{ message: { tool_calls: [ab[0]] } }, { message: { tool_calls: [ab[1]] } }],
    });
  });
});

describe('the stream of a legacy completion', () => {
  it('becomes a completion', () => {
    const chunks = [
      {
        id: 'c',
        object: 'text_completion',
        model: 'm',
        choices: [{ index: 0, text: 'a', logprobs: null, finish_reason: null }],
      },
      { choices: [{ index: 1, text: 'b', logprobs: { tokens: ['b'] } }] },
      {
        choices: [
          { index: 0, text: 'A', finish_reason: 'stop' },
          { index: 1, text: 'B', logprobs: { tokens: ['B'] } },
        ],
      },
      { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
    ];
    expect(collect(chunks, createTextCollector())).toMatchObject({
      outputs: {
        id: 'c',
        object: 'text_completion',
        choices: [
          { index: 0, text: 'aA', finish_reason: 'stop', logprobs: null },
          { index: 1, text: 'bB', logprobs: { tokens: ['b', 'B'] } },
        ],
      },
      usage: { total_tokens: 3 },
    });
  });
});
