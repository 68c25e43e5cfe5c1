import { StringOutputParser } from '@langchain/core/output_parsers';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { RunnableLambda } from '@langchain/core/runnables';
import { tool } from '@langchain/core/tools';
import { FakeListChatModel, FakeRetriever } from '@langchain/core/utils/testing';
import { z } from 'zod';
import { autolog } from '../../integrations/langchain.ts';
import { testOwnIntegration } from './own-contract.ts';

function createChain() {
  const prompt = ChatPromptTemplate.fromMessages([['human', 'Say {word}.']]);
  const model = new FakeListChatModel({ responses: ['one two'] });
  return prompt.pipe(model).pipe(new StringOutputParser());
}

const chain = [
  'RunnableSequence CHAIN inputs outputs',
  '  ChatPromptTemplate CHAIN inputs outputs',
  '  FakeListChatModel CHAT_MODEL inputs outputs',
  '  StrOutputParser CHAIN inputs outputs',
];

testOwnIntegration({
  integration: autolog,
  async use() {
    const add = tool(({ a, b }) => `${a + b}`, {
      name: 'add',
      description: 'Adds two numbers.',
      schema: z.object({ a: z.number(), b: z.number() }),
    });
    const reply = await createChain().invoke({ word: 'hi' });
    let streamed = '';
    for await (const piece of await createChain().stream({ word: 'hi' })) streamed += piece;
    const documents = await new FakeRetriever().invoke('fish');
    return { reply, streamed, sum: await add.invoke({ a: 1, b: 2 }), documents };
  },
  async fail(error) {
    const chain = RunnableLambda.from(() => {
      throw error;
    }).pipe(createChain());
    return await chain.invoke('hi').catch((caught: unknown) => caught);
  },
  expected: {
    traces: [chain, chain, ['FakeRetriever RETRIEVER inputs outputs'], ['add TOOL inputs outputs']],
    runs: [],
  },
});
