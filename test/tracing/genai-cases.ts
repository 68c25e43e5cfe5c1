type Fields = Readonly<Record<string, unknown>>;

/** Calls of a model, in the forms of the providers. */
export const genAiCases: readonly { readonly title: string; readonly inputs: Fields; readonly outputs: Fields }[] =
  [
    {
      title: 'a chat',
      inputs: {
        model: 'gpt',
        temperature: 0.5,
        top_p: 0.9,
        max_tokens: 100,
        stop: 'END',
        messages: [
          { role: 'system', content: 'be brief' },
          { role: 'user', content: 'hi' },
        ],
      },
      outputs: {
        id: 'c-1',
        model: 'gpt-1',
        choices: [
          { finish_reason: 'stop', message: { role: 'assistant', content: 'hello' } },
          { finish_reason: 'length', message: { role: 'assistant', content: 'well' } },
        ],
      },
    },
    {
      title: 'a chat with tools',
      inputs: {
        tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }],
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'weather?' }] },
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 't-1', function: { name: 'weather', arguments: '{"a":1}' } }],
          },
          { role: 'tool', tool_call_id: 't-1', content: 'sunny' },
        ],
      },
      outputs: {
        choices: [
          {
            finish_reason: 'tool_calls',
            message: {
              role: 'assistant',
              content: '',
              tool_calls: [{ id: 't-2', function: { name: 'weather', arguments: 'no json' } }],
            },
          },
        ],
      },
    },
    {
      title: 'a chat with images and audio',
      inputs: {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
              { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
              { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
            ],
          },
        ],
      },
      outputs: { choices: [{ message: { role: 'assistant', content: null, audio: { transcript: 'spoken' } } }] },
    },
    {
      title: 'a response to text',
      inputs: {
        input: 'hi',
        instructions: 'be brief',
        tools: [{ type: 'function', name: 'weather', parameters: {} }],
      },
      outputs: {
        id: 'r-1',
        model: 'gpt-1',
        status: 'completed',
        output: [
          { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'hello' }] },
          { type: 'function_call', call_id: 't-1', name: 'weather', arguments: '{"a":1}' },
        ],
      },
    },
    {
      title: 'a response to items',
      inputs: {
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_text', text: 'hi' },
              { type: 'input_image', image_url: 'https://example.com/a.png' },
            ],
          },
          { type: 'function_call', call_id: 't-1', name: 'weather', arguments: '{"a":1}' },
          { type: 'function_call_output', call_id: 't-1', output: 'sunny' },
        ],
      },
      outputs: {
        output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'hello' }] }],
      },
    },
  ];
