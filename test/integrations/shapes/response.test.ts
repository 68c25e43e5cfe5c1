import { describe, expect, it } from 'vitest';
import { createResponseCollector, responseResult } from '../../../integrations/shapes/response.ts';

type Json = Record<string, unknown>;

const begun = { object: 'response', id: 'r', model: 'm', status: 'in_progress', output: [] };
const message = { id: 'i', type: 'message', role: 'assistant', status: 'completed' };

/** What the events amount to. */
function collect(events: readonly unknown[]) {
  const collector = createResponseCollector();
  for (const event of events) collector.add(event);
  return collector.result();
}

/** An event about the first item. */
function eventOf(type: string, rest: Json): Json {
  return { type: `response.${type}`, output_index: 0, content_index: 0, ...rest };
}

describe('a response', () => {
  it('has its text as the SDK gives it', () => {
    const output = [
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'no' }] },
      {
        ...message,
        content: [
          { type: 'output_text', text: 'a' },
          { type: 'refusal', refusal: 'r' },
        ],
      },
      { ...message, content: [{ type: 'output_text', text: 'b' }] },
    ];
    expect(responseResult({ ...begun, output }).outputs).toMatchObject({ output_text: 'ab' });
  });

  it.each([null, 'text', { object: 'list' }])('is recorded as it is when it is %o', (reply) => {
    expect(responseResult(reply).outputs).toBe(reply);
  });

  it('is an error when it failed', () => {
    const { error } = responseResult({
      ...begun,
      status: 'failed',
      error: { code: 'server_error', message: 'gone' },
    });
    expect(error).toMatchObject({ name: 'server_error', message: 'gone', stack: '' });
  });
});

describe('a stream of events', () => {
  const grown = [
    { type: 'response.created', response: begun },
    eventOf('output_item.added', { item: { ...message, status: 'in_progress', content: [] } }),
    eventOf('content_part.added', { part: { type: 'output_text', text: '', annotations: [] } }),
    eventOf('output_text.delta', { delta: 'Hel' }),
    eventOf('output_text.delta', { delta: 'lo' }),
  ];

  it.each(['completed', 'incomplete', 'failed'])('becomes the response that was %s', (status) => {
    const response = { ...begun, status, output: [{ ...message, content: [] }] };
    expect(collect([...grown, { type: `response.${status}`, response }]).outputs).toEqual({
      ...response,
      output_text: '',
    });
  });

  it('becomes what there was when it broke off', () => {
    expect(collect(grown).outputs).toEqual({
      ...begun,
      output: [
        { ...message, status: 'in_progress', content: [{ type: 'output_text', text: 'Hello', annotations: [] }] },
      ],
      output_text: 'Hello',
    });
  });

  it('takes an item that is done for what came of it', () => {
    const item = { ...message, content: [{ type: 'output_text', text: 'Done' }] };
    expect(collect([...grown, eventOf('output_item.done', { item })]).outputs).toMatchObject({ output: [item] });
  });

  it('takes its items when the last event has none', () => {
    const last = { type: 'response.completed', response: { ...begun, status: 'completed' } };
    expect(collect([...grown, last]).outputs).toMatchObject({ status: 'completed', output_text: 'Hello' });
  });

  it.each<[string, Json, Json[], Json]>([
    ['arguments', { type: 'function_call' }, [{ type: 'function_call_arguments.delta' }], { arguments: 'ab' }],
    ['arguments of MCP', { type: 'mcp_call' }, [{ type: 'mcp_call_arguments.delta' }], { arguments: 'ab' }],
    ['input', { type: 'custom_tool_call' }, [{ type: 'custom_tool_call_input.delta' }], { input: 'ab' }],
    ['code', { type: 'code_interpreter_call' }, [{ type: 'code_interpreter_call_code.delta' }], { code: 'ab' }],
    ['a refusal', message, [{ type: 'refusal.delta' }], { content: [{ refusal: 'ab' }] }],
    ['reasoning', { type: 'reasoning' }, [{ type: 'reasoning_text.delta' }], { content: [{ text: 'ab' }] }],
    [
      'a summary',
      { type: 'reasoning' },
      [{ type: 'reasoning_summary_text.delta', summary_index: 0 }],
      { summary: [{ text: 'ab' }] },
    ],
  ])('joins the pieces of %s', (_, item, [piece], expected) => {
    const { type, ...rest } = piece as { type: string };
    const events = [
      eventOf('output_item.added', { item }),
      eventOf(type, { ...rest, delta: 'a' }),
      eventOf(type, { ...rest, delta: 'b' }),
    ];
    expect(collect(events).outputs).toMatchObject({ output: [expected] });
  });

  it('is an error when it says so', () => {
    const { error, outputs } = collect([...grown, { type: 'error', code: 'server_error', message: 'down' }]);
    expect(error).toMatchObject({ name: 'server_error', message: 'down' });
    expect(outputs).toMatchObject({ output_text: 'Hello' });
  });

  it.each([
    null,
    'text',
    {},
    { type: 'response.output_text.delta', delta: 'x' },
    eventOf('output_text.delta', { content_index: -1, delta: 'x' }),
    eventOf('output_text.delta', { content_index: 1e9, delta: 'x' }),
    eventOf('content_part.added', { output_index: 9, part: {} }),
    eventOf('of.the.future', { delta: 'x' }),
  ])('goes on after an event that is %o', (odd) => {
    expect(collect([...grown, odd]).outputs).toMatchObject({ output_text: 'Hello' });
  });

  it('leaves the events as they are', () => {
    const events = structuredClone(grown);
    collect(events);
    expect(events).toEqual(grown);
  });
});
