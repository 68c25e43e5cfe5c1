/**
 * Logs what langchainjs and langgraphjs run, by the managers of its callbacks.
 *
 * | when                         | logged                                                                        |
 * | ---------------------------- | ----------------------------------------------------------------------------- |
 * | a runnable or graph runs     | CHAIN span (AGENT for `createAgent`): inputs, outputs                          |
 * | a chat model is called       | CHAT_MODEL span: messages, choices, tools, parameters, model, provider, tokens |
 * | a text model is called       | LLM span: prompts, choices, parameters, model, provider, tokens                |
 * | a tool is called             | TOOL span: arguments, output, id of the tool call                             |
 * | a retriever is asked         | RETRIEVER span: query, documents                                              |
 * | a model streams              | event `first_chunk`, and `langchain.chunk_count`                              |
 * | an agent acts, finishes      | events `agent_action`, `agent_finish` of its chain                             |
 * | a run fails                  | status ERROR, event `exception`                                               |
 *
 * Each span also has the run's tags and metadata, and `session.id` when the metadata has a `thread_id`. Chains that are
 * tagged `langsmith:hidden`, as langgraph tags its inner steps, are left out. What a model, tool, retriever or function
 * calls in another library becomes a child of its span. A run whose stream the program leaves early ends with
 * `autolog.cancelled`. Where the program has no callbacks of its own, langchain does not notice that it is watched:
 * messages keep the id that they come with or none, and functions get no manager.
 *
 * Source: langchainjs `libs/langchain-core/src/{callbacks,language_models,runnables,tools,retrievers}`, read at 0.3.80
 * and 1.2.13; mlflow/langchain/langchain_tracer.py, at 3.17.
 */
import { autologgingIntegration, type ObserveHooks, type Patch } from '../src/integration.ts';
import { afterConfigure, spanAbove, withManager, withoutManager } from './langchain/configure.ts';
import { bareClasses, managerPatches } from './langchain/manager-events.ts';
import { isObject, type JsonObject } from './shapes/json-object.ts';

export const autolog = autologgingIntegration('langchain', {
  packages: { '@langchain/core': '>=0.3.20 <2', '@langchain/langgraph': '>=0.2 <2' },
  patches: [
    {
      module: '@langchain/core/callbacks/manager',
      target: 'CallbackManager._configureSync',
      observe: { args: withManager, result: afterConfigure },
    },
    ...managerPatches,
    // Callbacks cannot set the active span of their caller: these functions are the callers.
    followed('@langchain/core/language_models/chat_models', 'BaseChatModel.prototype.generate'),
    followed('@langchain/core/language_models/chat_models', 'BaseChatModel.prototype._streamIterator'),
    followed('@langchain/core/language_models/llms', 'BaseLLM.prototype.generate'),
    followed('@langchain/core/language_models/llms', 'BaseLLM.prototype._streamIterator'),
    followed('@langchain/core/tools', 'StructuredTool.prototype.call', 1),
    followed('@langchain/core/retrievers', 'BaseRetriever.prototype.invoke'),
    followed('@langchain/core/runnables', 'Runnable.prototype._callWithConfig', 2),
    {
      module: '@langchain/langgraph/pregel',
      target: 'Pregel.prototype.stream',
      optional: true,
      observe: { scope: 'stream' },
    },
    scope('Runnable.prototype._transformStreamWithConfig', { scope: true, ...withOptions(2) }),
    ...[
      'RunnableSequence.prototype.invoke',
      'RunnableSequence.prototype._streamIterator',
      'RunnableMap.prototype.invoke',
      'RunnableBranch.prototype._streamIterator',
      'RunnableWithFallbacks.prototype.invoke',
      'RunnableWithFallbacks.prototype._streamIterator',
    ].map((target) => scope(target)),
    queued('AsyncCaller.prototype.call', 0),
    queued('AsyncCaller.prototype.callWithOptions', 1),
  ],
  given: givenExports,
});

/** A call that begins one run and is all that there is to know of it; its options may stand at `index`. */
function followed(module: string, target: string, index?: number): Patch {
  return { module, target, observe: { scope: 'followed', ...(index === undefined ? {} : withOptions(index)) } };
}

function scope(target: string, observe: ObserveHooks = { scope: true }): Patch {
  return { module: '@langchain/core/runnables', target, observe };
}

function withOptions(index: number): ObserveHooks {
  return {
    args: (call, recorder) => withoutManager(call, recorder, index),
    above: (call) => spanAbove(call, index),
  };
}

/** The queue of a model with `maxConcurrency` calls a function in the context of the one before. */
function queued(target: string, index: number): Patch {
  return {
    module: '@langchain/core/utils/async_caller',
    target,
    observe: {
      args({ args }, recorder) {
        const fn = args[index];
        return isFunction(fn) ? args.with(index, recorder.bind(fn)) : undefined;
      },
    },
  };
}

function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function';
}

/** Classes by which a namespace is known as the library's. */
const CLASSES = [
  'CallbackManager',
  'BaseChatModel',
  'BaseLLM',
  'StructuredTool',
  'BaseRetriever',
  'Runnable',
  'AsyncCaller',
];

/** Takes the class CallbackManager, or namespaces of the library, spread into one object where there are several. */
function givenExports(handle: unknown): JsonObject | undefined {
  if (typeof handle === 'function') {
    if (!('_configureSync' in handle)) return undefined;
    bareClasses.add(handle);
    return { CallbackManager: handle };
  }
  return isObject(handle) && CLASSES.some((name) => typeof handle[name] === 'function') ? handle : undefined;
}
