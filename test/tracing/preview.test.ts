import { expect, it } from 'vitest';
import { requestPreview, responsePreview } from '../../src/tracing/preview.ts';

const user = { role: 'user', content: 'Weather in Paris?' };
const paris = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } };
const rome = { id: 'call_2', type: 'custom', custom: { name: 'ask', input: 'Rome' } };

const REQUESTS: readonly [name: string, inputs: unknown, preview: string | null][] = [
  ['nothing', undefined, null],
  ['null', null, null],
  ['a chat', { model: 'm', messages: [{ role: 'system', content: 'Be short.' }, user] }, 'Weather in Paris?'],
  [
    'a chat whose last word is a tool',
    { messages: [user, { role: 'tool', content: '21 °C' }] },
    'Weather in Paris?',
  ],
  [
    'a chat with an image',
    {
      messages: [
        {
          role: 'user',
          content: [{ type: 'text', text: 'What is' }, { type: 'image_url' }, { type: 'text', text: 'this?' }],
        },
      ],
    },
    'What is this?',
  ],
  [
    'a chat without a user',
    { messages: [{ role: 'system', content: 'a' }] },
    '{"messages":[{"role":"system","content":"a"}]}',
  ],
  ['the Responses API with text', { model: 'm', input: 'Hi' }, 'Hi'],
  [
    'the Responses API with items',
    { input: [{ role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }] },
    'Hi',
  ],
  ['embeddings of several texts', { input: ['a', 'b'] }, '{"input":["a","b"]}'],
  ['a function', [1, { a: 2 }], '[1,{"a":2}]'],
  ['text', 'hi', '"hi"'],
];

const RESPONSES: readonly [name: string, outputs: unknown, preview: string | null][] = [
  ['nothing', undefined, null],
  [
    'a chat',
    { choices: [{ message: { role: 'assistant', content: 'Sunny.' } }, { message: { content: 'No.' } }] },
    'Sunny.',
  ],
  ['a chat that calls a tool', chat({ content: null, tool_calls: [paris] }), 'get_weather({"city":"Paris"})'],
  [
    'a chat that calls two',
    chat({ content: '', tool_calls: [paris, rome] }),
    'get_weather({"city":"Paris"}), ask(Rome)',
  ],
  ['a chat that talks and calls', chat({ content: 'Let me see.', tool_calls: [paris] }), 'Let me see.'],
  ['a chat that refuses', chat({ content: null, refusal: 'I cannot.' }), 'I cannot.'],
  ['a legacy completion', { choices: [{ text: ' world' }] }, ' world'],
  ['the Responses API', { output_text: 'Sunny.', output: [] }, 'Sunny.'],
  [
    'items of the Responses API',
    {
      output: [
        { type: 'reasoning', content: [{ type: 'reasoning_text', text: 'Hm.' }] },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Sunny.' }] },
      ],
    },
    'Sunny.',
  ],
  [
    'the Responses API that calls a tool',
    {
      output: [
        { type: 'reasoning' },
        { type: 'function_call', name: 'get_weather', arguments: '{"city":"Paris"}' },
      ],
    },
    'get_weather({"city":"Paris"})',
  ],
  ['a message', { role: 'assistant', content: [{ type: 'text', text: 'Sunny.' }] }, 'Sunny.'],
  [
    'a message that calls a tool',
    { role: 'assistant', content: [{ type: 'tool_use', name: 'f', input: { a: 1 } }] },
    'f({"a":1})',
  ],
  ['the state of an agent', { messages: [user, { role: 'assistant', content: 'Sunny.' }] }, 'Sunny.'],
  ['a result of a tool', { content: 'plain', status: 'ok' }, '{"content":"plain","status":"ok"}'],
  ['a number', 7, '7'],
];

function chat(message: object): object {
  return { id: 'x', choices: [{ index: 0, message: { role: 'assistant', ...message } }] };
}

for (const [name, inputs, preview] of REQUESTS) {
  it(`shows a request: ${name}`, () => expect(requestPreview(inputs)).toBe(preview));
}

for (const [name, outputs, preview] of RESPONSES) {
  it(`shows a response: ${name}`, () => expect(responsePreview(outputs)).toBe(preview));
}

it('shows at most 1000 characters, and never half of one', () => {
  const exact = 'a'.repeat(1000);
  expect(requestPreview({ input: exact })).toBe(exact);
  expect(requestPreview({ input: `${exact}b` })).toBe(`${'a'.repeat(997)}...`);
  const turtles = requestPreview({ input: '🐢'.repeat(1001) }) ?? '';
  expect(turtles).toBe(`${'🐢'.repeat(997)}...`);
});
