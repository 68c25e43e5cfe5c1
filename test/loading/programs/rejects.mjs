import OpenAI from 'openai';

const fetch = async () => Response.json({ error: { message: 'no such model' } }, { status: 404 });
const client = new OpenAI({ apiKey: 'key', maxRetries: 0, fetch });
setImmediate(() => client.chat.completions.create({ model: 'none', messages: [] }));
