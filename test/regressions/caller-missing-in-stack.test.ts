import { expect, it } from 'vitest';
import { copyNames, loadCopy, patch, recordSpans } from '../integrations/openai-setup.ts';

// V8 follows an error to the function that awaits it only while each promise on the way has one reaction.
it.each(copyNames)('the function that awaits a failing call is in the stack of its error, %s', async (name) => {
  recordSpans();
  const { module } = await loadCopy(name);
  const fetch = async () => Response.json({ error: { message: 'down' } }, { status: 500 });
  const { completions } = new module.OpenAI({ apiKey: 'key', maxRetries: 0, fetch }).chat;
  const chat = { model: 'm', messages: [] };

  async function functionThatAwaits(call: () => PromiseLike<unknown>): Promise<unknown> {
    return await call();
  }
  const calls: (() => PromiseLike<unknown>)[] = [
    () => completions.create(chat),
    () => completions.create(chat).asResponse(),
    () => completions.create(chat).withResponse(),
    () => completions.parse(chat),
    () => completions.create(chat).then((reply) => reply),
  ];
  const namesCaller = () =>
    Promise.all(
      calls.map((call) =>
        functionThatAwaits(call).catch((error: Error) => error.stack?.includes('functionThatAwaits')),
      ),
    );
  const plain = await namesCaller();
  const unpatch = patch(module);
  const patched = await namesCaller().finally(unpatch);
  expect(plain[0]).toBe(true);
  expect(patched).toEqual(plain);
});
