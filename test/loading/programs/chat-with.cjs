/** Calls LangChain's model, which calls a copy of openai that its package brings along. */
exports.chatWith = async function chatWith(ChatOpenAI) {
  const message = { role: 'assistant', content: 'Hi' };
  const reply = { id: 'c', object: 'chat.completion', created: 1, model: 'm' };
  const choices = [{ index: 0, finish_reason: 'stop', message }];
  const fetch = async () => Response.json({ ...reply, choices });
  await new ChatOpenAI({ model: 'm', apiKey: 'key', configuration: { fetch } }).invoke('Hi');
};
