import { type BaseMessage, AIMessage as NewAi, HumanMessage as NewHuman } from '@langchain/core/messages';
import { ChatPromptValue, StringPromptValue } from '@langchain/core/prompt_values';
import * as old from '@langchain/core-03/messages';
import { Command, Send } from '@langchain/langgraph';
import { describe, expect, it } from 'vitest';
import { toPlainData, toToolInput } from '../../integrations/langchain/data.ts';
import { toChatMessage } from '../../integrations/langchain/message.ts';
import {
  toModelAttributes,
  toModelInputs,
  toModelOutputs,
  toModelUsage,
} from '../../integrations/langchain/model.ts';

type Message = Parameters<typeof toChatMessage>[0];

const calls = [{ id: 'c1', name: 'add', args: { a: 1 } }];
const asked = [{ id: 'c1', type: 'function', function: { name: 'add', arguments: '{"a":1}' } }];

const MESSAGES: [string, unknown, object][] = [
  ['a question', new old.HumanMessage('hi'), { role: 'user', content: 'hi' }],
  ['an instruction', new old.SystemMessage('be brief'), { role: 'system', content: 'be brief' }],
  [
    'an instruction for a reasoning model',
    new old.SystemMessage({ content: 'be brief', additional_kwargs: { __openai_role__: 'developer' } }),
    { role: 'developer', content: 'be brief' },
  ],
  ['any role', new old.ChatMessage('hi', 'critic'), { role: 'critic', content: 'hi' }],
  [
    'tool calls',
    new old.AIMessage({ content: '', tool_calls: calls }),
    { role: 'assistant', content: null, tool_calls: asked },
  ],
  [
    'a tool call whose arguments are no JSON',
    new old.AIMessage({
      content: '',
      invalid_tool_calls: [{ id: 'c1', name: 'add', args: '{"a":', error: 'cut' }],
    }),
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'add', arguments: '{"a":' } }],
    },
  ],
  [
    "Anthropic's tool calls, which stand in the content too",
    new old.AIMessage({
      content: [
        { type: 'text', text: 'let me see' },
        { type: 'tool_use', id: 'c1', name: 'add', input: { a: 1 } },
      ],
      tool_calls: calls,
    }),
    { role: 'assistant', content: [{ type: 'text', text: 'let me see' }], tool_calls: asked },
  ],
  [
    'the answer of a tool',
    new old.ToolMessage({ content: '3', tool_call_id: 'c1', name: 'add', status: 'error' }),
    { role: 'tool', content: '3', name: 'add', tool_call_id: 'c1', status: 'error' },
  ],
  [
    'images and sound',
    new NewHuman({
      content: [
        { type: 'image', mimeType: 'image/png', data: 'AAAA' },
        { type: 'image', url: 'https://example.com/bird.png' },
        { type: 'audio', source_type: 'base64', mime_type: 'audio/mpeg', data: 'BBBB' },
      ],
    }),
    {
      role: 'user',
      content: [
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        { type: 'image_url', image_url: { url: 'https://example.com/bird.png' } },
        { type: 'input_audio', input_audio: { data: 'BBBB', format: 'mp3' } },
      ],
    },
  ],
  [
    'a refusal',
    new NewAi({ content: '', additional_kwargs: { refusal: 'no' } }),
    { role: 'assistant', content: '', refusal: 'no' },
  ],
];

describe('toChatMessage', () => {
  it.each(MESSAGES)('converts %s', (_what, message, expected) => {
    expect(toChatMessage(message as Message)).toEqual(expected);
  });
});

describe('toPlainData', () => {
  const hi = { role: 'user', content: 'hi' };

  it.each([
    ['text', 'hi', 'hi'],
    ['messages in the state of a graph', { messages: [new NewHuman('hi')] }, { messages: [hi] }],
    ['a prompt for chat', new ChatPromptValue([new NewHuman('hi')]), { messages: [hi] }],
    ['a prompt for text', new StringPromptValue('hi'), 'hi'],
    [
      'documents',
      [{ pageContent: 'text', metadata: { page: 1 } }],
      [{ page_content: 'text', metadata: { page: 1 }, id: null }],
    ],
    [
      'a command',
      new Command({ update: { messages: [new NewHuman('hi')] }, goto: 'next' }),
      { lg_name: 'Command', update: { messages: [hi] }, goto: ['next'] },
    ],
    [
      'a send',
      new Send('next', { messages: [new NewHuman('hi')] }),
      { lg_name: 'Send', node: 'next', args: { messages: [hi] } },
    ],
  ])('converts %s', (_what, value, expected) => {
    expect(toPlainData(value)).toEqual(expected);
  });

  it('leaves other objects as they are', () => {
    const other = new Map([['a', 1]]);
    expect(toPlainData({ other })).toEqual({ other });
    expect((toPlainData({ other }) as { other: unknown }).other).toBe(other);
  });

  it('ends on cycles and on huge values', () => {
    const cycle: Record<string, unknown> = {};
    for (const key of 'abcdefghij') cycle[key] = cycle;
    const startedAt = performance.now();
    toPlainData(cycle);
    toPlainData(Array.from({ length: 1_000_000 }, () => ({ a: {} })));
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});

describe('toToolInput', () => {
  it.each([
    ['{"a":1}', { a: 1 }],
    ['[1]', [1]],
    ['{"a":', '{"a":'],
    ['plain', 'plain'],
    ['1', '1'],
  ])('reads %s', (text, expected) => {
    expect(toToolInput(text)).toEqual(expected);
  });
});

function result(messages: object[], llmOutput?: object): object {
  return { generations: [messages.map((message) => ({ text: '', message }))], llmOutput };
}

const usage = { input_tokens: 10, output_tokens: 4, total_tokens: 14 };

const USAGES: [string, object, object | undefined][] = [
  ['the message', result([new NewAi({ content: '', usage_metadata: usage })]), usage],
  [
    'its details',
    result([
      new NewAi({
        content: '',
        usage_metadata: {
          ...usage,
          input_token_details: { cache_read: 6, cache_creation: 2 },
          output_token_details: { reasoning: 3 },
        },
      }),
    ]),
    { ...usage, cache_read_input_tokens: 6, cache_creation_input_tokens: 2, reasoning_output_tokens: 3 },
  ],
  [
    'the whole call, where several answers carry the same counts',
    result([{ usage_metadata: { ...usage } }, { usage_metadata: { ...usage } }], {
      tokenUsage: { promptTokens: 10, completionTokens: 4, totalTokens: 14 },
    }),
    usage,
  ],
  ['several answers that share one object', result([{ usage_metadata: usage }, { usage_metadata: usage }]), usage],
  ["Anthropic's call", result([{}], { usage: { input_tokens: 10, output_tokens: 4 } }), { ...usage }],
  ['an empty count as none', result([{}], { tokenUsage: {} }), undefined],
  ['nothing as nothing', {}, undefined],
];

describe('toModelUsage', () => {
  it.each(USAGES)('takes %s', (_what, value, expected) => {
    expect(toModelUsage(value)).toEqual(expected);
  });
});

describe('toModelInputs', () => {
  it('tells one conversation from several', () => {
    const messages: BaseMessage[] = [new NewHuman('hi')];
    expect(toModelInputs([messages])).toEqual({ messages: [{ role: 'user', content: 'hi' }] });
    expect(toModelInputs([messages, messages])).toHaveLength(2);
  });
});

describe('toModelOutputs', () => {
  it('keeps every choice with its reason to finish', () => {
    const message = new NewAi({ content: 'a', response_metadata: { stop_reason: 'end_turn' } });
    const generations = [
      [
        { message, text: 'a' },
        { text: 'b', generationInfo: { finish_reason: 'length' } },
      ],
    ];
    expect(toModelOutputs({ generations })).toEqual({
      choices: [
        { index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'end_turn' },
        { index: 1, message: { role: 'assistant', content: 'b' }, finish_reason: 'length' },
      ],
    });
  });

  it('takes a stream that gave nothing', () => {
    expect(toModelOutputs({ generations: [[undefined]] })).toEqual({ choices: [] });
  });
});

describe('toModelAttributes', () => {
  it('names model, provider and tools, and keeps the secrets of tools out', () => {
    const tools = [
      { name: 'add', description: 'adds', input_schema: { type: 'object' } },
      { type: 'mcp', server_label: 'mine', headers: { authorization: 'secret' } },
    ];
    const attributes = toModelAttributes(
      { invocation_params: { model: 'm', _type: 'anthropic-chat', tools } },
      {},
    );
    expect(attributes).toMatchObject({
      'mlflow.llm.model': 'm',
      'mlflow.llm.provider': 'anthropic',
      'mlflow.message.format': 'langchain',
      'mlflow.chat.tools': [
        { type: 'function', function: { name: 'add', description: 'adds', parameters: { type: 'object' } } },
        { type: 'function', function: { name: 'mcp' } },
      ],
    });
    expect(JSON.stringify(attributes)).not.toContain('secret');
  });

  it('prefers what langchain has made uniform', () => {
    const metadata = { ls_model_name: 'uniform', ls_provider: 'openai' };
    expect(toModelAttributes({ invocation_params: { model: 'm' } }, metadata)).toMatchObject({
      'mlflow.llm.model': 'uniform',
      'mlflow.llm.provider': 'openai',
    });
  });
});
