import { describe, expect, it } from 'vitest';
import type { SpanRecord } from '../../src/store/log-record.ts';
import { genAiAttributes } from '../../src/tracing/genai-attributes.ts';

function span(attributes: SpanRecord['attributes'], more: Partial<SpanRecord> = {}): SpanRecord {
  return {
    op: 'span',
    experiment: { id: '0' },
    traceId: `tr-${'1'.repeat(32)}`,
    spanId: '2'.repeat(16),
    parentSpanId: null,
    name: 'weather',
    startTimeUnixNano: '1',
    endTimeUnixNano: '2',
    status: { code: 'OK', message: '' },
    attributes,
    events: [],
    ...more,
  };
}

describe('genAiAttributes', () => {
  it('tells of a tool', () => {
    const tool = {
      'mlflow.spanType': 'TOOL',
      'mlflow.spanInputs': { city: 'Paris' },
      'mlflow.spanOutputs': 'sunny',
    };
    expect(genAiAttributes(span(tool))).toEqual({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'weather',
      'gen_ai.tool.call.arguments': '{"city":"Paris"}',
      'gen_ai.tool.call.result': '"sunny"',
    });
  });

  it('tells of an agent, its conversation and its error', () => {
    const events = [{ name: 'exception', timeUnixNano: '1', attributes: { 'exception.type': 'TypeError' } }];
    const agent = span(
      { 'mlflow.spanType': 'AGENT', 'session.id': 's-1' },
      { status: { code: 'ERROR', message: 'bad' }, events },
    );
    expect(genAiAttributes(agent)).toEqual({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'weather',
      'gen_ai.conversation.id': 's-1',
      'error.type': 'TypeError',
    });
  });

  it("tells of Anthropic's messages, and of tokens", () => {
    const model = {
      'mlflow.spanType': 'CHAT_MODEL',
      'mlflow.llm.provider': 'anthropic',
      'mlflow.chat.tokenUsage': { input_tokens: 3, output_tokens: 4, total_tokens: 7, cache_read_input_tokens: 1 },
      'mlflow.spanInputs': {
        model: 'claude',
        system: 'be brief',
        stop_sequences: ['END'],
        messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 't-1', content: 'sunny' }] }],
      },
      'mlflow.spanOutputs': {
        role: 'assistant',
        stop_reason: 'tool_use',
        content: [
          { type: 'text', text: 'let me see' },
          { type: 'tool_use', id: 't-2', name: 'weather', input: { a: 1 } },
        ],
      },
    };
    const {
      'gen_ai.input.messages': input,
      'gen_ai.output.messages': output,
      ...rest
    } = genAiAttributes(span(model));
    expect(rest).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': 'claude',
      'gen_ai.request.stop_sequences': ['END'],
      'gen_ai.response.finish_reasons': ['tool_use'],
      'gen_ai.system_instructions': '[{"type":"text","content":"be brief"}]',
      'gen_ai.usage.input_tokens': 3,
      'gen_ai.usage.output_tokens': 4,
      'gen_ai.usage.cache_read.input_tokens': 1,
    });
    expect(JSON.parse(String(input))).toEqual([
      { role: 'user', parts: [{ type: 'tool_call_response', id: 't-1', response: 'sunny' }] },
    ]);
    expect(JSON.parse(String(output))).toEqual([
      {
        role: 'assistant',
        finish_reason: 'tool_use',
        parts: [
          { type: 'text', content: 'let me see' },
          { type: 'tool_call', id: 't-2', name: 'weather', arguments: { a: 1 } },
        ],
      },
    ]);
  });

  it('keeps what the span itself says', () => {
    const model = {
      'mlflow.spanType': 'LLM',
      'gen_ai.operation.name': 'text_completion',
      'mlflow.llm.model': 'gpt',
    };
    expect(genAiAttributes(span(model))).toEqual({ 'gen_ai.request.model': 'gpt' });
  });

  it('tells nothing of other spans, and falls over nothing', () => {
    expect(genAiAttributes(span({ 'mlflow.spanType': 'CHAIN', 'mlflow.spanInputs': { messages: [] } }))).toEqual(
      {},
    );
    for (const odd of [
      null,
      7,
      'text',
      [],
      [null],
      [{}],
      { messages: 7 },
      { messages: [null] },
      { choices: [null] },
    ]) {
      const attributes = { 'mlflow.spanType': 'CHAT_MODEL', 'mlflow.spanInputs': odd, 'mlflow.spanOutputs': odd };
      expect(genAiAttributes(span(attributes))['gen_ai.operation.name']).toBe('chat');
    }
  });
});
