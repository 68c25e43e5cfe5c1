import {
  Annotation,
  Command,
  END,
  interrupt,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from '@langchain/langgraph';
import { createAgent } from 'langchain';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openRunCount } from '../../integrations/langchain/open-runs.ts';
import { withSpan } from '../../src/tracing/tracer.ts';
import { createChatModel } from './langchain-models.ts';
import { type LangChainCopy, loadCopy, recordSpans } from './langchain-setup.ts';

const recorded = recordSpans();

describe('langgraph', () => {
  let copy: LangChainCopy;
  let unpatch: () => void;

  beforeAll(async () => {
    copy = await loadCopy('core 1.x imported');
    unpatch = copy.patch();
  });

  beforeEach(() => recorded.clear());

  afterAll(() => unpatch());

  function createAdder(options: { readonly name?: string } = {}) {
    const schema = z.object({ a: z.number(), b: z.number() });
    const add = copy.tool(({ a, b }: z.infer<typeof schema>) => withSpan({ name: 'sum' }, () => a + b), {
      name: 'add',
      description: 'adds',
      schema,
    });
    const model = new (createChatModel(copy))({});
    model.asksForTool = true;
    return createAgent({ model, tools: [add], ...options });
  }

  const question = { messages: [{ role: 'user', content: 'one and two?' }] };

  const ADDER = [
    'adder AGENT',
    '  model_request CHAIN',
    '    EchoModel CHAT_MODEL',
    '  tools CHAIN',
    '    add TOOL',
    '      sum UNKNOWN',
    '  model_request CHAIN',
    '    EchoModel CHAT_MODEL',
  ];

  /** Which runnables langchain puts between the steps of an agent differs between versions. */
  function treeOfSteps(): string[] {
    return recorded.tree().filter((line) => !line.includes('Runnable'));
  }

  it('records an agent with its steps, models and tools', async () => {
    const { messages } = await createAdder({ name: 'adder' }).invoke(question, {
      configurable: { thread_id: 'thread-1' },
    });
    expect(messages.at(-1)?.content).toBe('echo of 3');
    expect(treeOfSteps()).toEqual(ADDER);
    expect(recorded.traces).toMatchObject([{ requestPreview: 'one and two?', responsePreview: 'echo of 3' }]);
    expect(JSON.parse(recorded.traces[0]?.metadata['mlflow.trace.tokenUsage'] ?? '')).toMatchObject({
      total_tokens: 50,
    });
    const { attributes } = recorded.span('adder');
    expect(attributes['session.id']).toBe('thread-1');
    expect(attributes['mlflow.spanOutputs']).toMatchObject({
      messages: [
        { role: 'user', content: 'one and two?' },
        { role: 'assistant', content: null, tool_calls: [{ id: 'call-1', function: { name: 'add' } }] },
        { role: 'tool', content: '3', tool_call_id: 'call-1' },
        { role: 'assistant', content: 'echo of 3' },
      ],
    });
    expect(openRunCount()).toBe(0);
  });

  it('records a streamed agent in the same way', async () => {
    for await (const _piece of await createAdder({ name: 'adder' }).stream(question, { streamMode: 'messages' }));
    expect(treeOfSteps()).toEqual(ADDER);
    expect(openRunCount()).toBe(0);
  });

  it('records an agent whose stream is left early, and the steps that it goes on with', async () => {
    // Langgraph lets the graph run on in the background, and tells nothing more of the run itself.
    for await (const _piece of await createAdder({ name: 'adder' }).stream(question, { streamMode: 'messages' })) {
      break;
    }
    await expect.poll(() => recorded.spans.filter(({ name }) => name === 'model_request').length).toBe(2);
    expect(treeOfSteps()).toEqual(ADDER);
    expect(recorded.span('adder').attributes['autolog.cancelled']).toBe(true);
    // The run is forgotten when the next one starts.
    await copy.RunnableLambda.from(() => 0).invoke('next');
    expect(openRunCount()).toBe(0);
  });

  it('records nodes, branches and what they call in other libraries', async () => {
    const State = Annotation.Root({ count: Annotation<number> });
    const graph = new StateGraph(State)
      .addNode('double', ({ count }) => withSpan({ name: 'work' }, () => ({ count: count * 2 })))
      .addEdge(START, 'double')
      .addConditionalEdges('double', ({ count }) => (count < 5 ? 'double' : END))
      .compile();
    expect(await graph.invoke({ count: 1 })).toEqual({ count: 8 });
    expect(recorded.tree().filter((line) => !/Branch|Runnable/.test(line))).toEqual([
      'LangGraph CHAIN',
      ...Array(3).fill(['  double CHAIN', '    work UNKNOWN']).flat(),
    ]);
    expect(recorded.traces[0]?.state).toBe('OK');
    expect(openRunCount()).toBe(0);
  });

  it('takes an interrupt for no error', async () => {
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('ask', () => ({ messages: [{ role: 'user', content: String(interrupt('may I?')) }] }))
      .addEdge(START, 'ask')
      .compile({ checkpointer: new MemorySaver() });
    const config = { configurable: { thread_id: 'thread-2' } };
    await graph.invoke({ messages: [] }, config);
    expect(recorded.tree()).toEqual(['LangGraph CHAIN', '  ask CHAIN UNSET']);
    expect(recorded.span('ask').status.message).toBe('left by GraphInterrupt');
    const { messages } = await graph.invoke(new Command({ resume: 'yes' }), config);
    expect(messages.at(-1)?.content).toBe('yes');
    expect(recorded.traces).toHaveLength(2);
  });
});

describe('two copies of core in one process', () => {
  it('nests a run of one under a run of the other, and records each once', async () => {
    const imported = await loadCopy('core 1.x imported');
    const required = await loadCopy('core 1.x required');
    const undo = [imported.patch(), required.patch()];
    recorded.clear();
    const model = new (createChatModel(required))({});
    const outer = imported.RunnableLambda.from((text: string, config) =>
      // The configuration of one copy handed to the other, as a program that mixes them does.
      model.invoke(text, { callbacks: config.callbacks } as object),
    );
    await outer.invoke('why');
    await imported.RunnableLambda.from((text: string) => model.invoke(text)).invoke('why');
    expect(recorded.tree()).toEqual(Array(2).fill(['RunnableLambda CHAIN', '  EchoModel CHAT_MODEL']).flat());
    for (const each of undo) each();
    expect(openRunCount()).toBe(0);
  });
});
