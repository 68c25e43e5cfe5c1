import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { inspect } from 'node:util';
import OpenAI, {
  APIConnectionTimeoutError,
  APIError,
  APIPromise,
  APIUserAbortError,
  BadRequestError,
} from 'openai';
import { Stream } from 'openai/streaming';
import { runCases } from './run-cases.mjs';

// What the SDK documents and its authors test: promises, raw responses, streams, helpers, retries, spies and timers.

const messages = [{ role: 'user', content: 'say hi' }];
const request = { model: 'small', messages };
const choice = { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hi', refusal: null } };
const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
const chat = { id: 'chat-1', object: 'chat.completion', created: 1, model: 'small', choices: [choice], usage };
const chunks = ['h', 'i'].map((content, index) => ({
  ...chat,
  object: 'chat.completion.chunk',
  usage: undefined,
  choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason: index === 1 ? 'stop' : null }],
}));
const schema = { type: 'object', properties: { city: { type: 'string' } } };

function json(body, init = {}) {
  const headers = { 'content-type': 'application/json', 'x-request-id': 'req-1', ...init.headers };
  return () => new Response(JSON.stringify(body), { ...init, headers });
}

function events(list) {
  const text = list.map((each) => `data: ${typeof each === 'string' ? each : JSON.stringify(each)}\n\n`).join('');
  return () => new Response(text, { headers: { 'content-type': 'text/event-stream' } });
}

/** A client whose requests are answered in turn, the last answer again and again. */
function clientOf(...answers) {
  const requests = [];
  const client = new OpenAI({
    apiKey: 'any',
    maxRetries: 0,
    fetch: async (url, init) => {
      requests.push({ url: String(url), ...init });
      const answer = answers[Math.min(requests.length, answers.length) - 1];
      return answer(init);
    },
  });
  return { client, requests };
}

const plain = () => clientOf(json(chat));
const streaming = () => clientOf(events([...chunks, '[DONE]']));

async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail');
}

async function all(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

/** A fetch that ends only when it is aborted. */
function hanging({ signal }) {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(Object.assign(new Error('aborted'), { name: 'AbortError' })));
  });
}

await runCases({
  'a completion is the body of the reply, with the id of its request': async () => {
    const reply = await plain().client.chat.completions.create(request);
    assert.deepEqual(JSON.parse(JSON.stringify(reply)), chat);
    assert.equal(reply._request_id, 'req-1');
    assert.deepEqual(Object.keys(reply), Object.keys(chat));
  },
  'a call returns an APIPromise like any other': async () => {
    const { client } = plain();
    const created = client.chat.completions.create(request);
    const posted = client.post('/chat/completions', { body: request });
    assert.ok(created instanceof APIPromise && created instanceof Promise);
    assert.equal(created.constructor, posted.constructor);
    assert.deepEqual(Object.keys(created), Object.keys(posted));
    assert.equal(Object.prototype.toString.call(created), '[object Promise]');
    await Promise.all([created, posted]);
  },
  'a promise that is awaited three times makes one request': async () => {
    const { client, requests } = plain();
    const promise = client.chat.completions.create(request);
    const replies = [await promise, await promise, await promise.then((reply) => reply)];
    assert.equal(new Set(replies).size, 1);
    assert.equal(requests.length, 1);
  },
  'a promise that nobody awaits makes its request': async () => {
    const { client, requests } = plain();
    client.chat.completions.create(request);
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(requests.length, 1);
  },
  'withResponse gives data, response and id': async () => {
    const { data, response, request_id } = await plain().client.chat.completions.create(request).withResponse();
    assert.equal(data.choices[0].message.content, 'hi');
    assert.equal(response.status, 200);
    assert.equal(request_id, 'req-1');
  },
  'asResponse leaves the body to the caller': async () => {
    const response = await plain().client.chat.completions.create(request).asResponse();
    assert.equal(response.bodyUsed, false);
    assert.deepEqual(await response.json(), chat);
  },
  'asResponse and the data of one promise make one request': async () => {
    const { client, requests } = plain();
    const promise = client.chat.completions.create(request);
    assert.equal((await promise.asResponse()).status, 200);
    assert.equal(requests.length, 1);
  },
  '_thenUnwrap keeps the promise an APIPromise': async () => {
    const promise = plain()
      .client.chat.completions.create(request)
      ._thenUnwrap((reply) => reply.id);
    assert.ok(promise instanceof APIPromise);
    assert.equal(await promise, 'chat-1');
    assert.equal((await promise.withResponse()).data, 'chat-1');
  },
  'finally and catch hand the reply on': async () => {
    let ended = 0;
    const reply = await plain()
      .client.chat.completions.create(request)
      .catch(() => null)
      .finally(() => {
        ended += 1;
      });
    assert.deepEqual([reply.id, ended], ['chat-1', 1]);
  },
  'a refused request is the same error with the same fields': async () => {
    const { client } = clientOf(json({ error: { message: 'no', code: 'bad' } }, { status: 400 }));
    const promise = client.chat.completions.create(request);
    const errors = [await rejection(promise), await rejection(promise)];
    assert.equal(errors[0], errors[1]);
    assert.ok(errors[0] instanceof BadRequestError);
    assert.deepEqual([errors[0].status, errors[0].code, errors[0].message], [400, 'bad', '400 no']);
    assert.equal(errors[0].stack.includes('node_modules/autolog'), false);
  },
  'a failure that nobody handles is reported once': async () => {
    const seen = [];
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', (reason) => seen.push(reason.status));
    clientOf(json({ error: { message: 'no' } }, { status: 400 })).client.chat.completions.create(request);
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.removeAllListeners('unhandledRejection');
    for (const each of others) process.on('unhandledRejection', each);
    assert.deepEqual(seen, [400]);
  },
  'a reply that is no JSON rejects the data, not the response': async () => {
    const broken = () => new Response('{', { headers: { 'content-type': 'application/json' } });
    assert.ok((await rejection(clientOf(broken).client.chat.completions.create(request))) instanceof SyntaxError);
  },
  'a busy server is asked again, with the count of retries': async () => {
    const busy = json({ error: { message: 'busy' } }, { status: 429, headers: { 'retry-after-ms': '1' } });
    const { client, requests } = clientOf(busy, busy, json(chat));
    await client.chat.completions.create(request, { maxRetries: 2 });
    const counts = requests.map(({ headers }) => new Headers(headers).get('x-stainless-retry-count'));
    assert.deepEqual(counts, ['0', '1', '2']);
  },
  'a retry under fake timers waits for the timer': async () => {
    const busy = json({ error: { message: 'busy' } }, { status: 429, headers: { 'retry-after': '5' } });
    const { client, requests } = clientOf(busy, json(chat));
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    try {
      let reply;
      client.chat.completions.create(request, { maxRetries: 1 }).then((value) => {
        reply = value;
      });
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      assert.deepEqual([requests.length, reply], [1, undefined]);
      mock.timers.tick(5000);
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      assert.deepEqual([requests.length, reply?.id], [2, 'chat-1']);
    } finally {
      mock.timers.reset();
    }
  },
  'a timeout is the error of the SDK': async () => {
    const { client } = clientOf(hanging);
    const error = await rejection(client.chat.completions.create(request, { timeout: 5 }));
    assert.ok(error instanceof APIConnectionTimeoutError);
  },
  'an abort is the error of the SDK': async () => {
    const { client } = clientOf(hanging);
    const controller = new AbortController();
    const promise = client.chat.completions.create(request, { signal: controller.signal });
    setTimeout(() => controller.abort(), 5);
    assert.ok((await rejection(promise)) instanceof APIUserAbortError);
  },
  'a stream gives its chunks': async () => {
    const stream = await streaming().client.chat.completions.create({ ...request, stream: true });
    assert.ok(stream instanceof Stream);
    assert.deepEqual(
      Object.keys(stream),
      Object.keys(
        new Stream(async function* none() {
          yield* [];
        }, new AbortController()),
      ),
    );
    assert.deepEqual(
      (await all(stream)).map((chunk) => chunk.choices[0].delta.content),
      ['h', 'i'],
    );
  },
  'a stream is consumed once': async () => {
    const stream = await streaming().client.chat.completions.create({ ...request, stream: true });
    await all(stream);
    assert.match((await rejection(all(stream))).message, /Cannot iterate over a consumed stream/);
  },
  'leaving a stream aborts its request': async () => {
    const stream = await streaming().client.chat.completions.create({ ...request, stream: true });
    for await (const _ of stream) break;
    assert.equal(stream.controller.signal.aborted, true);
  },
  'both branches of a stream give all chunks': async () => {
    const [left, right] = (await streaming().client.chat.completions.create({ ...request, stream: true })).tee();
    assert.deepEqual(await all(left), await all(right));
  },
  'a stream goes through a ReadableStream and back': async () => {
    const stream = await streaming().client.chat.completions.create({ ...request, stream: true });
    const again = Stream.fromReadableStream(stream.toReadableStream(), new AbortController());
    assert.deepEqual(
      (await all(again)).map((chunk) => chunk.choices[0].delta.content),
      ['h', 'i'],
    );
  },
  'an error in the middle of a stream is thrown there': async () => {
    const { client } = clientOf(events([chunks[0], { error: { message: 'overloaded', code: 'busy' } }]));
    const seen = [];
    const error = await rejection(
      (async () => {
        for await (const chunk of await client.chat.completions.create({ ...request, stream: true }))
          seen.push(chunk);
      })(),
    );
    assert.ok(error instanceof APIError);
    assert.equal(seen.length, 1);
  },
  'withResponse of a stream leaves the stream whole': async () => {
    const promise = streaming().client.chat.completions.create({ ...request, stream: true });
    const { data, response } = await promise.withResponse();
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    assert.equal((await all(data)).length, 2);
  },
  'the stream helper raises its events in order': async () => {
    const names = [];
    const stream = streaming().client.chat.completions.stream(request);
    for (const name of ['connect', 'content', 'finalContent', 'finalChatCompletion', 'end']) {
      stream.on(name, () => names.push(name));
    }
    assert.equal(await stream.finalContent(), 'hi');
    await stream.done();
    assert.deepEqual(names, ['connect', 'content', 'content', 'finalChatCompletion', 'finalContent', 'end']);
  },
  'the stream helper that fails raises one error': async () => {
    const { client } = clientOf(json({ error: { message: 'no' } }, { status: 400 }));
    const stream = client.chat.completions.stream(request);
    const seen = [];
    stream.on('error', (error) => seen.push(error.status));
    await rejection(stream.done());
    assert.deepEqual([seen, stream.errored, stream.ended], [[400], true, true]);
  },
  'parse reads the content': async () => {
    const content = '{"city":"Rome"}';
    const { client } = clientOf(
      json({ ...chat, choices: [{ ...choice, message: { ...choice.message, content } }] }),
    );
    const format = { type: 'json_schema', json_schema: { name: 'place', strict: true, schema } };
    const reply = await client.chat.completions.parse({ ...request, response_format: format });
    assert.equal(reply.choices[0].message.content, content);
  },
  'runTools calls the tool and ends with its transcript': async () => {
    const call = { id: 'call-1', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } };
    const asks = {
      ...choice,
      finish_reason: 'tool_calls',
      message: { role: 'assistant', content: null, tool_calls: [call] },
    };
    const { client, requests } = clientOf(json({ ...chat, choices: [asks] }), json(chat));
    const cities = [];
    const weather = {
      name: 'weather',
      description: 'of a city',
      parameters: schema,
      parse: JSON.parse,
      function: ({ city }) => {
        cities.push(city);
        return 'sunny';
      },
    };
    const runner = client.chat.completions.runTools({
      ...request,
      tools: [{ type: 'function', function: weather }],
    });
    const roles = [];
    runner.on('message', ({ role }) => roles.push(role));
    assert.equal(await runner.finalContent(), 'hi');
    assert.deepEqual([cities, requests.length], [['Rome'], 2]);
    assert.deepEqual(roles.slice(-3), ['assistant', 'tool', 'assistant']);
  },
  'an embedding is decoded from base64 unless asked otherwise': async () => {
    const embedding = Buffer.from(new Float32Array([0.5, -0.5]).buffer).toString('base64');
    const { client, requests } = clientOf(
      json({ object: 'list', data: [{ object: 'embedding', index: 0, embedding }], model: 'e' }),
    );
    const { data } = await client.embeddings.create({ model: 'e', input: 'hi' });
    assert.deepEqual(Array.from(data[0].embedding), [0.5, -0.5]);
    assert.equal(JSON.parse(requests[0].body).encoding_format, 'base64');
  },
  'a response has its text': async () => {
    const content = [{ type: 'output_text', text: 'hi', annotations: [] }];
    const output = [{ type: 'message', id: 'm', status: 'completed', role: 'assistant', content }];
    const { client } = clientOf(
      json({ id: 'r', object: 'response', model: 'small', status: 'completed', output }),
    );
    assert.equal((await client.responses.create({ model: 'small', input: 'say hi' })).output_text, 'hi');
  },
  'a method that is spied on is called and restored': async () => {
    const { client } = streaming();
    const spy = mock.method(client.chat.completions, 'create');
    await client.chat.completions.stream(request).done();
    assert.equal(spy.mock.callCount(), 1);
    spy.mock.restore();
    await all(await client.chat.completions.create({ ...request, stream: true }));
  },
  'a method that is replaced on the prototype is restored': async () => {
    const { prototype } = OpenAI.Chat.Completions;
    const before = prototype.create;
    const spy = mock.method(prototype, 'create', () => Promise.resolve('fake'));
    assert.equal(await plain().client.chat.completions.create(request), 'fake');
    spy.mock.restore();
    assert.equal(prototype.create, before);
    assert.equal((await plain().client.chat.completions.create(request)).id, 'chat-1');
  },
  'a subclass calls the method of its parent': async () => {
    class Counting extends OpenAI.Chat.Completions {
      calls = 0;
      create(...args) {
        this.calls += 1;
        return super.create(...args);
      }
    }
    const completions = new Counting(plain().client);
    assert.equal((await completions.create(request)).id, 'chat-1');
    assert.equal(completions.calls, 1);
  },
  'the method looks like a method': () => {
    const { prototype } = OpenAI.Chat.Completions;
    const { value, ...flags } = Object.getOwnPropertyDescriptor(prototype, 'create');
    assert.deepEqual(flags, { writable: true, enumerable: false, configurable: true });
    assert.deepEqual([value.name, value.length, Object.keys(prototype)], ['create', 2, []]);
    assert.equal(inspect(value), '[Function: create]');
    assert.throws(() => new value(), TypeError);
  },
  'the arguments stay as they are': async () => {
    const frozen = Object.freeze({ ...request, messages: Object.freeze([Object.freeze({ ...messages[0] })]) });
    const { client, requests } = plain();
    await client.chat.completions.create(frozen, Object.freeze({ headers: Object.freeze({ 'x-own': '1' }) }));
    assert.deepEqual(JSON.parse(requests[0].body), request);
    assert.equal(new Headers(requests[0].headers).get('x-own'), '1');
  },
  'a call adds no listener to the process': async () => {
    const count = () => process.eventNames().map((name) => [name, process.listenerCount(name)]);
    await plain().client.chat.completions.create(request);
    const before = count();
    for (let turn = 0; turn < 20; turn++) await plain().client.chat.completions.create(request);
    assert.deepEqual(count(), before);
  },
  'a hundred calls at once get their own replies': async () => {
    const { client } = clientOf(({ body }) => json({ ...chat, id: JSON.parse(body).user })());
    const users = Array.from({ length: 100 }, (_, index) => `user-${index}`);
    const replies = await Promise.all(users.map((user) => client.chat.completions.create({ ...request, user })));
    assert.deepEqual(
      replies.map(({ id }) => id),
      users,
    );
  },
  'a client made with other options makes the same calls': async () => {
    const { client, requests } = plain();
    const other = client.withOptions({ organization: 'org' });
    assert.ok(other instanceof OpenAI);
    await other.chat.completions.create(request);
    assert.equal(new Headers(requests[0].headers).get('openai-organization'), 'org');
  },
});
