// npx node --import ./examples/endpoint/register.mjs examples/openai-calls.ts

import { autolog } from 'autolog';
import OpenAI from 'openai';

autolog();

const client = new OpenAI();
const model = process.env.OPENAI_MODEL ?? 'gpt-4.1-mini';
const embeddingModel = process.env.OPENAI_EMBEDDING_MODEL ?? 'text-embedding-3-small';

await ask('What is experiment tracking, in one sentence?');
await askForStream('Write a limerick about a tidy modeller.');
await askWithTool('Do I need an umbrella in Paris or in Tokyo today?');
await compare('The iris flowers in spring.', 'In spring the iris is in flower.', 'The loss fell slowly.');

async function ask(question: string) {
  const completion = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: question }],
  });
  console.log(`\n${question}\n${completion.choices[0]?.message.content}`);
}

async function askForStream(question: string) {
  const stream = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: question }],
    stream: true,
    stream_options: { include_usage: true },
  });
  console.log(`\n${question}`);
  for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '');
  console.log();
}

async function askWithTool(question: string) {
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: question }];
  const tools: OpenAI.ChatCompletionTool[] = [
    {
      type: 'function',
      function: {
        name: 'get_weather',
        description: 'Tells the weather of a city now.',
        parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      },
    },
  ];
  const first = await client.chat.completions.create({ model, messages, tools });
  const reply = first.choices[0]?.message;
  if (!reply?.tool_calls) throw new Error(`the model called no tool but said: ${reply?.content}`);

  messages.push(reply);
  for (const call of reply.tool_calls) {
    if (call.type !== 'function') continue;
    const { city } = JSON.parse(call.function.arguments);
    messages.push({ role: 'tool', tool_call_id: call.id, content: weatherOf(city) });
  }
  const second = await client.chat.completions.create({ model, messages, tools });
  console.log(`\n${question}\n${second.choices[0]?.message.content}`);
}

async function compare(text: string, ...others: string[]) {
  const { data } = await client.embeddings.create({ model: embeddingModel, input: [text, ...others] });
  const [own, ...rest] = data.map(({ embedding }) => embedding);
  console.log(`\nHow near to "${text}"?`);
  for (const [at, other] of rest.entries()) {
    const nearness = other.reduce((sum, value, place) => sum + value * (own?.[place] ?? 0), 0);
    console.log(`${nearness.toFixed(2)}  ${others[at]}`);
  }
}

function weatherOf(city: string) {
  return city === 'Paris' ? 'light rain, 14 °C' : 'sunny, 22 °C';
}
