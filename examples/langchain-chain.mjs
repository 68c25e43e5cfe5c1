// npx node --import ./examples/endpoint/register.mjs examples/langchain-chain.mjs

import { StringOutputParser } from '@langchain/core/output_parsers';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { BaseRetriever } from '@langchain/core/retrievers';
import { RunnableLambda, RunnablePassthrough, RunnableSequence } from '@langchain/core/runnables';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { autolog } from 'autolog';
import { z } from 'zod';

autolog();

const notes = [
  'Iris setosa has petals about 1.5 cm long and 0.2 cm wide.',
  'Iris versicolor has petals about 4.3 cm long and 1.3 cm wide.',
  'Iris virginica has petals about 5.6 cm long and 2.1 cm wide.',
];

class NotesRetriever extends BaseRetriever {
  lc_namespace = ['examples', 'retrievers'];

  async _getRelevantDocuments(question) {
    const words = question.toLowerCase().match(/\w+/g) ?? [];
    const found = notes.filter((note) => words.some((word) => note.toLowerCase().includes(word)));
    return found.map((pageContent, at) => ({ pageContent, metadata: { note: at } }));
  }
}

const flowerArea = tool(({ lengthCm, widthCm }) => `${((Math.PI / 4) * lengthCm * widthCm).toFixed(1)} cm²`, {
  name: 'flower_area',
  description: 'Computes the area of a petal of a length and a width.',
  schema: z.object({ lengthCm: z.number(), widthCm: z.number() }),
});

const model = new ChatOpenAI({ model: process.env.OPENAI_MODEL ?? 'gpt-4.1-mini' });
const retriever = new NotesRetriever();

const question = 'Which iris has the smallest petals?';
const chain = RunnableSequence.from([
  RunnablePassthrough.assign({
    context: RunnableLambda.from(({ question }) => question)
      .pipe(retriever)
      .pipe((documents) => documents.map(({ pageContent }) => pageContent).join('\n')),
  }),
  ChatPromptTemplate.fromMessages([
    ['system', 'Answer from these notes:\n{context}'],
    ['human', '{question}'],
  ]),
  model,
  new StringOutputParser(),
]);

console.log(`\n${question}`);
for await (const piece of await chain.stream({ question })) process.stdout.write(piece);
console.log();

const messages = [{ role: 'user', content: 'What area does a petal of Iris virginica (5.6 by 2.1 cm) cover?' }];
const modelWithTool = model.bindTools([flowerArea]);
const request = await modelWithTool.invoke(messages);
const results = await Promise.all(request.tool_calls.map((call) => flowerArea.invoke(call)));
const answer = await modelWithTool.invoke([...messages, request, ...results]);
console.log(`\n${messages[0].content}\n${answer.content}`);
