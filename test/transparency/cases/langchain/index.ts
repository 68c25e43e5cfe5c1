import { AsyncLocalStorage } from 'node:async_hooks';
import type { BaseCallbackHandler } from '@langchain/core/callbacks/base';
import type * as singletons from '@langchain/core/singletons';
import type { LangChainCopy } from '../../../integrations/langchain-setup.ts';
import type { ExpectedSpan, Suite, TransparencyCase } from '../../case.ts';
import { callbackCases } from './callbacks.ts';
import { endingCases } from './endings.ts';
import type { LangChainCase } from './library.ts';
import { modelCases } from './models.ts';
import { runnableCases } from './runnables.ts';

const SUBPATHS = [
  'caches',
  'callbacks/dispatch/web',
  'callbacks/manager',
  'chat_history',
  'language_models/chat_models',
  'language_models/llms',
  'messages',
  'output_parsers',
  'outputs',
  'prompts',
  'retrievers',
  'runnables',
  'tools',
];

/** The library, and how a case is run in it. */
interface LangChainContext {
  readonly copy: LangChainCopy;
  /** Hands the handlers of a peer that asks for it to every call, by the library's own means. */
  withCallbacks<R>(fn: () => R): R;
}

/** The core package of langchain, from outside. */
export const suite: Suite<LangChainContext> = {
  name: 'langchain',
  libraries: ['@langchain/core'],
  peers: ['braintrust-hook', 'datadog', 'langsmith', 'openinference', 'openllmetry', 'sentry'],
  async createContext(program) {
    const copy: Record<string, unknown> = {};
    for (const subpath of SUBPATHS) Object.assign(copy, await program.load(`@langchain/core/${subpath}`));
    const callbacks = program.callbacks() as BaseCallbackHandler[];
    if (callbacks.length === 0) return { copy: copy as unknown as LangChainCopy, withCallbacks: (fn) => fn() };
    const { AsyncLocalStorageProviderSingleton: storage } = (await program.load(
      '@langchain/core/singletons',
    )) as typeof singletons;
    storage.initializeGlobalInstance(new AsyncLocalStorage());
    return {
      copy: copy as unknown as LangChainCopy,
      withCallbacks: (fn) => storage.runWithConfig({ callbacks }, fn, false) as ReturnType<typeof fn>,
    };
  },
  blank: withoutIds,
  cases: Object.fromEntries([...modelCases, ...runnableCases, ...callbackCases, ...endingCases].map(toCase)),
};

/** Ids that are made anew each time become numbers, in the order in which they come. */
function withoutIds(text: string): string {
  const ids = new Map<string, number>();
  return text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
    const number = ids.get(id) ?? ids.size;
    ids.set(id, number);
    return `id ${number}`;
  });
}

function toCase({
  title,
  run,
  spans,
  isDropped,
  isAlone,
}: LangChainCase): [string, TransparencyCase<LangChainContext>] {
  const expected = spans.map((line, index) => toSpan(line, spans.slice(0, index)));
  const runWith = ({ copy, withCallbacks }: LangChainContext) => withCallbacks(() => run(copy));
  return [title, { run: runWith, spans: expected, ...(isDropped || isAlone ? { alone: true } : {}) }];
}

/** A line of a tree as `'  name TYPE ERROR'`, with the lines before it. */
function toSpan(line: string, before: readonly string[]): ExpectedSpan {
  const [, indent = '', name = '', type = '', end] = /^( *)(.*?) ([A-Z_]+?)( ERROR| UNSET)?$/.exec(line) ?? [];
  const above = before.findLast((each) => each.search(/\S/) < indent.length);
  const parent = above?.trim().split(' ')[0];
  return { name, type, isError: end === ' ERROR', ...(parent === undefined ? {} : { parent }) };
}
