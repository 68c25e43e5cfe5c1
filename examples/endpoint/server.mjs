import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

import { embeddingsReply } from './embeddings.mjs';
import { fitReply } from './fit-reply.mjs';
import { errorReply, parseRequest, refuseRequest } from './requests.mjs';
import { sendReply } from './send-reply.mjs';
import { storedReply } from './stored-replies.mjs';

/**
 * Starts an OpenAI-compatible HTTP server on 127.0.0.1 that answers with the replies kept in `replies/`,
 * or with those that `reply` scripts. It answers chat completions, responses, embeddings and legacy
 * completions, whole and streamed, at OpenAI's paths and at Azure's.
 * `types.d.ts` describes its options and what it returns.
 *
 * @example
 * const server = await startOpenAiServer();
 * const client = new OpenAI({ baseURL: server.url, apiKey: 'any' });
 * server.reply('chat.completions', () => ({ status: 500, body: { error: { message: 'down' } } }));
 * await server.close();
 */
export async function startOpenAiServer({ port = 0, apiKey, pace = {}, unref = false } = {}) {
  const requests = [];
  const scripts = new Map();

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error) => reportFault(outgoing, error));
  });

  async function answer(incoming, outgoing) {
    const request = parseRequest(incoming, await text(incoming));
    requests.push(request);
    outgoing.on('close', () => {
      request.closedEarly = !outgoing.writableFinished;
    });
    const reply = refuseRequest(request, incoming.headers, apiKey) ?? scripted(request) ?? stored(request);
    await sendReply(outgoing, request, reply, pace);
  }

  function scripted(request) {
    const count = requests.filter(({ route }) => route === request.route).length;
    return scripts.get(request.route)?.(request, count);
  }

  if (unref) {
    server.unref();
    // A kept-alive connection would otherwise hold a program open whose own work is over.
    server.on('connection', (socket) => socket.unref());
  }
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;

  return {
    origin,
    url: `${origin}/v1`,
    requests,
    reply(route, script) {
      scripts.set(route, script);
      return () => scripts.delete(route);
    },
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function stored(request) {
  const reply = storedReply(request);
  if (reply.status >= 400) return reply;
  if (request.route === 'embeddings') return embeddingsReply(request);
  return { ...reply, body: fitReply(request, reply.body) };
}

async function reportFault(outgoing, error) {
  if (outgoing.headersSent) outgoing.destroy();
  else await sendReply(outgoing, null, errorReply(500, 'server_error', String(error)), {});
}
