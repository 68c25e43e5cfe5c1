import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

import { chatEvents, completionEvents } from './chat-stream.mjs';
import { responseEvents } from './response-stream.mjs';

const streamsOf = {
  'chat.completions': chatEvents,
  responses: responseEvents,
  completions: completionEvents,
};

const midStreamError = {
  message: 'The server had an error while processing your request. Sorry about that!',
  type: 'server_error',
  param: null,
  code: null,
};

/**
 * Sends a reply as JSON, or as server-sent events when the request wants a stream. Ends early, without an
 * error, when the client goes away.
 */
export async function sendReply(outgoing, request, reply, serverPace) {
  const { status = 200, headers = {}, body } = reply;
  const pace = { delayMs: 0, eventDelayMs: 0, ...serverPace, ...reply.pace };
  const gone = new AbortController();
  outgoing.on('close', () => gone.abort());

  const events = status < 400 ? eventsOf(request, reply) : null;
  try {
    if (pace.delayMs > 0) await wait(pace.delayMs, undefined, { signal: gone.signal });
    outgoing.writeHead(status, {
      'content-type': events ? 'text/event-stream; charset=utf-8' : 'application/json',
      'openai-version': '2020-10-01',
      'openai-processing-ms': String(pace.delayMs),
      'x-request-id': `req_${randomUUID().replaceAll('-', '')}`,
      ...headers,
    });
    if (events) await sendEvents(outgoing, request.route, events, pace, gone.signal);
    else outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}

function eventsOf(request, { body, events }) {
  if (events) return events;
  if (request?.body?.stream !== true) return null;
  return streamsOf[request.route]?.(body, request) ?? null;
}

async function sendEvents(outgoing, route, events, pace, gone) {
  for (const [number, event] of events.entries()) {
    if (number === pace.failAfter) {
      await write(outgoing, toErrorMessage(route, number));
      outgoing.end();
      return;
    }
    if (number === pace.disconnectAfter) {
      outgoing.destroy();
      return;
    }
    if (number > 0 && pace.eventDelayMs > 0) {
      await wait(pace.eventDelayMs, undefined, { signal: gone });
    }
    if (gone.aborted) return;
    await write(outgoing, toMessage(route, event));
  }
  outgoing.end(route === 'responses' ? '' : 'data: [DONE]\n\n');
}

/** Resolves when the text has left this process or the connection is gone. */
function write(outgoing, text) {
  return new Promise((resolve) => {
    outgoing.write(text, () => resolve());
  });
}

function toMessage(route, event) {
  if (typeof event === 'string') return `data: ${event}\n\n`;
  const name = route === 'responses' ? `event: ${event.type}\n` : '';
  return `${name}data: ${JSON.stringify(event)}\n\n`;
}

function toErrorMessage(route, number) {
  if (route !== 'responses') return toMessage(route, { error: midStreamError });
  const { type: code, message, param } = midStreamError;
  return toMessage(route, { type: 'error', sequence_number: number, code, message, param });
}
