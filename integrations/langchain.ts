/**
 * Logs what langchainjs and langgraphjs run, by a callback handler that every run inherits.
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
 * `autolog.cancelled`. Messages that come without an id get `run-<run id>` as theirs, as langchain gives them whenever
 * there is a callback.
 *
 * Source: langchainjs `libs/langchain-core/src/{callbacks,language_models,runnables,tools,retrievers}`, read at 0.3.80
 * and 1.2.13; mlflow/langchain/langchain_tracer.py, at 3.17.
 */
import { autologgingIntegration, type Call, type Patch, type Recorder } from '../src/integration.ts';
import { type CallbackHandler, createHandler, isOwnHandler } from './langchain/handler.ts';
import { isObject, type JsonObject } from './shapes/json-object.ts';

/** The library's tree of handlers, as far as it is used here. */
interface CallbackManager {
  readonly handlers: readonly unknown[];
  readonly inheritableHandlers: readonly unknown[];
  copy(): CallbackManager;
  addHandler(handler: unknown, inherit: boolean): void;
  removeHandler(handler: unknown): void;
}

export const autolog = autologgingIntegration('langchain', {
  packages: { '@langchain/core': '>=0.3.20 <2' },
  patches: [
    {
      module: '@langchain/core/callbacks/manager',
      target: 'CallbackManager._configureSync',
      observe: { args: withOwnHandler },
    },
    // Callbacks cannot set the active span of their caller: these functions are the callers.
    scope('@langchain/core/language_models/chat_models', 'BaseChatModel.prototype.generate'),
    scope('@langchain/core/language_models/chat_models', 'BaseChatModel.prototype._streamIterator'),
    scope('@langchain/core/language_models/llms', 'BaseLLM.prototype.generate'),
    scope('@langchain/core/language_models/llms', 'BaseLLM.prototype._streamIterator'),
    scope('@langchain/core/tools', 'StructuredTool.prototype.call'),
    scope('@langchain/core/retrievers', 'BaseRetriever.prototype.invoke'),
    scope('@langchain/core/runnables', 'Runnable.prototype._callWithConfig'),
    scope('@langchain/core/runnables', 'Runnable.prototype._transformStreamWithConfig'),
    scope('@langchain/core/runnables', 'RunnableSequence.prototype.invoke'),
    scope('@langchain/core/runnables', 'RunnableSequence.prototype._streamIterator'),
    queued('AsyncCaller.prototype.call', 0),
    queued('AsyncCaller.prototype.callWithOptions', 1),
  ],
  given: givenExports,
});

function scope(module: string, target: string): Patch {
  return { module, target, observe: { scope: true } };
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

/** One for each recorder, which has one for each copy of the library. */
const handlers = new WeakMap<Recorder, CallbackHandler>();

/**
 * Adds our handler to the inheritable callbacks, unless it stands there already, from a run above. The caller's own
 * arrays and managers stay as they are.
 */
function withOwnHandler({ args }: Call, recorder: Recorder): readonly unknown[] | undefined {
  if (!recorder.isRecording()) return undefined;
  const handler = handlers.get(recorder) ?? createHandler(recorder);
  handlers.set(recorder, handler);
  const [inheritable, local, ...rest] = args;
  const inherited = withHandler(inheritable, handler);
  const others = withoutHandler(local);
  return inherited === inheritable && others === local ? undefined : [inherited, others, ...rest];
}

function withHandler(callbacks: unknown, handler: CallbackHandler): unknown {
  if (callbacks === undefined || callbacks === null) return [handler];
  if (Array.isArray(callbacks)) return callbacks.some(isOwnHandler) ? callbacks : [...callbacks, handler];
  if (!isManager(callbacks)) return callbacks;
  const isThere = callbacks.inheritableHandlers.some(isOwnHandler);
  // Merged configurations put two managers' handlers one after another.
  if (isThere && callbacks.handlers.filter(isOwnHandler).length === 1) return callbacks;
  const copy = copyWithoutHandler(callbacks);
  copy.addHandler(handler, true);
  return copy;
}

function withoutHandler(callbacks: unknown): unknown {
  if (Array.isArray(callbacks)) {
    return callbacks.some(isOwnHandler) ? callbacks.filter((each) => !isOwnHandler(each)) : callbacks;
  }
  return isManager(callbacks) && callbacks.handlers.some(isOwnHandler) ? copyWithoutHandler(callbacks) : callbacks;
}

function copyWithoutHandler(manager: CallbackManager): CallbackManager {
  const copy = manager.copy();
  for (const each of manager.handlers.filter(isOwnHandler)) copy.removeHandler(each);
  return copy;
}

function isManager(value: unknown): value is CallbackManager {
  if (!isObject(value)) return false;
  return (
    Array.isArray(value.handlers) && typeof value.copy === 'function' && typeof value.addHandler === 'function'
  );
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
  if (typeof handle === 'function') return '_configureSync' in handle ? { CallbackManager: handle } : undefined;
  return isObject(handle) && CLASSES.some((name) => typeof handle[name] === 'function') ? handle : undefined;
}
