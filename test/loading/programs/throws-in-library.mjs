import OpenAI from 'openai';

// Prints what a user would see of an error that the library throws, with its stack.
const client = new OpenAI({
  apiKey: 'key',
  maxRetries: 0,
  fetch: async () => Response.json({ error: { message: 'no such model' } }, { status: 404 }),
});

setImmediate(async () => {
  const call = client.chat.completions.create({ model: 'none', messages: [] });
  const { name, message, stack } = await call.catch((reason) => reason);
  const ours = stack.split('\n').filter((line) => line.includes('/autolog/')).length;
  console.log(JSON.stringify({ name, message, head: stack.split('\n')[0], ours }));
});
