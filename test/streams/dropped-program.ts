/**
 * Makes one call, lets go of what it gave, and prints at exit what was recorded.
 *
 * Arguments: `observed` or `plain`, and the name of a situation; needs `--expose-gc`.
 */
import fs from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { OpenAI } from 'openai';
import { startOpenAiServer } from '../../examples/endpoint/server.mjs';
import type { IntegrationDefinition, Patch } from '../../src/autologging/definition.ts';
import { installPatches } from '../../src/autologging/install-patches.ts';
import { DEFAULT_CONFIG } from '../../src/autologging/options.ts';
import '../../src/autologging/connect-tracing.ts';
import { lookAtUnaskedAtExit } from '../../src/patching/unasked.ts';
import type { SpanRecord } from '../../src/store/log-record.ts';
import { connectTracing, endOpenTraces } from '../../src/tracing/tracer.ts';

const [, , mode, situation = ''] = process.argv;
const spans: SpanRecord[] = [];

/** What is patched. */
class Library {
  async answer(ms = 0): Promise<string> {
    await wait(ms);
    return 'answer';
  }

  async refuse(ms = 0): Promise<never> {
    await wait(ms);
    throw new RangeError('theirs');
  }

  hang(): Promise<never> {
    return new Promise(() => undefined);
  }

  build(): PromiseLike<string> {
    // biome-ignore lint/suspicious/noThenProperty: query builders are such objects.
    return { then: (onFulfilled) => Promise.resolve('rows').then(onFulfilled) };
  }
}

async function collectGarbage(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) {
    (globalThis.gc as () => void)();
    await wait(2);
  }
}

const server = await startOpenAiServer({ unref: true });
const library = new Library();
let client: OpenAI;
const ask = () => client.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }] });
const replied = async (): Promise<void> => {
  while (server.requests.length === 0) await wait(10);
  await wait(200);
};
const refuse = (): void => {
  server.reply('chat.completions', () => ({ status: 400, body: { error: { message: 'theirs' } } }));
};
const breakBody = (): void => {
  server.reply('chat.completions', () => ({ headers: { 'content-length': '900' }, body: '{', pace: {} }));
};

const SITUATIONS: Readonly<Record<string, () => unknown>> = {
  'a promise that fulfils': () => void library.answer(),
  'a promise that fulfils long before the end': async () => {
    void library.answer();
    await wait(1_200);
  },
  'a promise that fulfils before process.exit': async () => {
    void library.answer();
    await wait(20);
    process.exit(3);
  },
  'a promise that rejects': () => void library.refuse(),
  'a promise that rejects while the program listens': async () => {
    process.on('unhandledRejection', (error) => process.stdout.write(`unhandled ${error}\n`));
    void library.refuse();
    await wait(1_200);
  },
  'a promise that rejects and is caught late': async () => {
    process.on('unhandledRejection', () => process.stdout.write('unhandled\n'));
    process.on('rejectionHandled', () => process.stdout.write('handled\n'));
    const promise = library.refuse();
    await wait(1_200);
    promise.catch((error) => process.stdout.write(`caught ${error}\n`));
  },
  'a promise that is awaited late': async () => {
    const promise = library.answer(1_300);
    await wait(1_500);
    process.stdout.write(`${await promise}\n`);
  },
  'a promise that never settles': () => void library.hang(),
  'a promise that never settles and is collected': async () => {
    void library.hang();
    await wait(1_100);
    await collectGarbage();
    await wait(1_100);
  },
  'a thenable that is collected': async () => {
    void library.build();
    await collectGarbage();
  },
  'an APIPromise that fulfils': async () => {
    void ask();
    await replied();
  },
  'an APIPromise that fulfils and is collected': async () => {
    void ask();
    await replied();
    await collectGarbage();
    await wait(1_100);
  },
  'an APIPromise that rejects': async () => {
    refuse();
    void ask();
    await replied();
  },
  'an APIPromise that is awaited late': async () => {
    const promise = ask();
    await wait(1_500);
    process.stdout.write(`${(await promise).object}\n`);
  },
  'asResponse, headers only': async () => {
    const response = await ask().asResponse();
    process.stdout.write(`${response.headers.get('content-type')}\n`);
    await response.body?.cancel();
  },
  'asResponse, body read': async () => {
    const response = await ask().asResponse();
    process.stdout.write(`${((await response.json()) as { object: string }).object}\n`);
  },
  'asResponse, body broken': async () => {
    breakBody();
    const response = await ask().asResponse();
    await response.text().catch((error: Error) => process.stdout.write(`${error.message}\n`));
  },
  'asResponse, never awaited': async () => {
    void ask().asResponse();
    await replied();
  },
  'asResponse, then the data': async () => {
    const promise = ask();
    await promise.asResponse();
    process.stdout.write(`${(await promise).object}\n`);
  },
  'asResponse, while the data is never awaited': async () => {
    const promise = ask();
    void (promise as unknown as { parse(): unknown }).parse();
    await promise.asResponse();
    await replied();
  },
  'data broken': async () => {
    breakBody();
    await ask().then(undefined, (error: Error) => process.stdout.write(`${error.constructor.name}\n`));
  },
};

function install(name: string, definition: IntegrationDefinition, exports: object): void {
  const module = { specifier: name, packageRoot: null, version: null, how: 'module.import' } as const;
  installPatches(
    name,
    definition,
    { ...module, exports: exports as Record<string, unknown> },
    () => DEFAULT_CONFIG,
  );
}

// Loading it takes longer than all the rest.
if (/APIPromise|asResponse|data/.test(situation)) {
  const openai = await import('openai');
  if (mode === 'observed') {
    const { autolog } = await import('../../integrations/openai.ts');
    install('openai', autolog.definition as unknown as IntegrationDefinition, openai);
  }
  client = new openai.OpenAI({ baseURL: server.url, apiKey: 'any', maxRetries: 0 });
}

if (mode === 'observed') {
  connectTracing(() => ({
    sink: { append: (record) => void (record.op === 'span' && spans.push(record)) },
    experiment: { name: 'test' },
    metadata: {},
  }));
  const patches: Patch[] = ['answer', 'refuse', 'hang', 'build'].map((key) => ({
    target: `Library.prototype.${key}`,
    span: { name: key, type: 'TOOL' },
  }));
  install('library', { packages: { library: '*' }, patches }, { Library });
  process.prependListener('exit', () => {
    lookAtUnaskedAtExit();
    endOpenTraces();
  });
  process.on('exit', () => {
    const lines = spans.map(({ status: { code, message }, attributes }) => ({
      status: message === '' ? code : `${code} ${message}`,
      isAbandoned: attributes['autolog.abandoned'] === true,
      outputs: attributes['mlflow.spanOutputs'],
    }));
    fs.writeFileSync(process.env.SPANS_FILE as string, JSON.stringify(lines));
  });
}

await SITUATIONS[situation]?.();
