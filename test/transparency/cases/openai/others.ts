import type { OpenAiCase, OpenAiContext } from './context.ts';

/** Answers in place of the API, by path; what is asked for is kept. */
function answering({ createClient }: OpenAiContext, replies: Readonly<Record<string, () => Response>>) {
  const asked: string[] = [];
  const client = createClient({
    fetch: async (target, init) => {
      const { pathname, search } = new URL(String(target));
      asked.push(`${init?.method} ${pathname}${search}`);
      return replies[pathname]?.() ?? new Response('{}', { status: 404 });
    },
  });
  return { client, asked };
}

const page = (ids: readonly string[], more: boolean) =>
  Response.json({
    object: 'list',
    data: ids.map((id) => ({ id, object: 'model' })),
    has_more: more,
    last_id: ids.at(-1),
  });

/** Parts of the library that are not traced: nothing of theirs is touched. */
export const others: Readonly<Record<string, OpenAiCase>> = {
  'images.generate': {
    async run(context) {
      const { client, asked } = answering(context, {
        '/v1/images/generations': () => Response.json({ created: 1, data: [{ b64_json: 'aGk=' }] }),
      });
      return [await client.images.generate({ model: 'gpt-image-1', prompt: 'a flower' }), asked];
    },
    spans: [],
  },
  'audio.speech.create': {
    async run(context) {
      const { client, asked } = answering(context, { '/v1/audio/speech': () => new Response('sound') });
      const response = await client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'hi' });
      return [response.constructor.name, await response.text(), asked];
    },
    spans: [],
  },
  'audio.transcriptions.create': {
    async run(context) {
      const { client, asked } = answering(context, {
        '/v1/audio/transcriptions': () => Response.json({ text: 'hello' }),
      });
      const file = await context.exports.toFile(Buffer.from('sound'), 'a.mp3');
      return [await client.audio.transcriptions.create({ model: 'whisper-1', file }), asked];
    },
    spans: [],
  },
  'moderations.create': {
    async run(context) {
      const { client, asked } = answering(context, {
        '/v1/moderations': () => Response.json({ id: 'modr', model: 'm', results: [] }),
      });
      return [await client.moderations.create({ input: 'hi' }), asked];
    },
    spans: [],
  },
  'files.create': {
    async run(context) {
      const { client, asked } = answering(context, {
        '/v1/files': () => Response.json({ id: 'file-1', object: 'file' }),
      });
      const file = await context.exports.toFile(Buffer.from('{}'), 'a.jsonl');
      return [await client.files.create({ file, purpose: 'batch' }), asked];
    },
    spans: [],
  },
  'pages of models.list': {
    async run(context) {
      const { client } = answering(context, { '/v1/models': () => page(['a', 'b'], false) });
      const promise = client.models.list();
      const ids: string[] = [];
      for await (const { id } of promise) ids.push(id);
      return [ids, promise.constructor.name, typeof promise.withResponse];
    },
    spans: [],
  },
  'pages of batches.list': {
    async run(context) {
      let asked = 0;
      const { client } = answering(context, { '/v1/batches': () => page([`b${++asked}`], asked < 3) });
      const ids: string[] = [];
      for await (const { id } of client.batches.list({ limit: 1 })) ids.push(id);
      return ids;
    },
    spans: [],
  },
  'beta.threads.create': {
    async run(context) {
      const { client, asked } = answering(context, {
        '/v1/threads': () => Response.json({ id: 't', object: 'thread' }),
      });
      return [await client.beta.threads.create(), asked];
    },
    spans: [],
  },
  'chat.completions.retrieve and delete': {
    async run(context) {
      const { client, asked } = answering(context, {
        '/v1/chat/completions/c': () => Response.json({ id: 'c', object: 'chat.completion' }),
      });
      return [await client.chat.completions.retrieve('c'), await client.chat.completions.delete('c'), asked];
    },
    spans: [],
  },
  'withResponse() of a call that is not traced': {
    async run(context) {
      const { client } = answering(context, { '/v1/models/m': () => Response.json({ id: 'm', object: 'model' }) });
      const { data, response } = await client.models.retrieve('m').withResponse();
      return [data, response.status];
    },
    spans: [],
  },
};
