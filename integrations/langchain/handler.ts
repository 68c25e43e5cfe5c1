import { AttributeKey, type Recorder } from '../../src/integration.ts';
import { isObject } from '../shapes/json-object.ts';
import { toPlainData, toToolInput } from './data.ts';
import { toModelAttributes, toModelInputs, toModelOutputs, toModelUsage } from './model.ts';
import { addRunEvent, countChunk, endRun, markAgent, startRun } from './open-runs.ts';

/** A callback handler, as far as langchain looks at one. */
export interface CallbackHandler {
  readonly name: string;
  readonly [member: string]: unknown;
}

const HANDLER_NAME = 'autolog_tracer';

/** Tells the handlers that `createHandler` made, for whichever copy of langchain. */
export function isOwnHandler(handler: unknown): boolean {
  return isObject(handler) && handler.name === HANDLER_NAME;
}

/**
 * Makes the callback handler that records langchain's runs as spans.
 *
 * It is awaited and works synchronously: only so do its events come in order, and in the context of the call that they
 * tell of.
 *
 * Source: langchainjs `libs/langchain-core/src/callbacks`, read at 0.3.80 and 1.2.13.
 */
export function createHandler(recorder: Recorder): CallbackHandler {
  return {
    name: HANDLER_NAME,
    awaitHandlers: true,
    raiseError: false,
    ignoreLLM: false,
    ignoreChain: false,
    ignoreAgent: false,
    ignoreRetriever: false,
    ignoreCustomEvent: true,
    copy(): unknown {
      return this;
    },
    ...startEvents(recorder),
    ...endEvents(recorder),
    ...otherEvents(recorder),
  };
}

type Tail = readonly [runId: string, parentRunId: string | undefined, ...rest: unknown[]];

function startEvents(recorder: Recorder) {
  return {
    handleChainStart(serialized: unknown, inputs: unknown, ...tail: Tail) {
      const [runId, parentRunId, tags, metadata, , runName] = tail;
      const type = isAgent(serialized, metadata) ? 'AGENT' : 'CHAIN';
      const run = { type, serialized, runName, runId, parentRunId, tags, metadata };
      startRun(recorder, { ...run, inputs: () => toPlainData(inputs) });
    },
    handleChatModelStart(serialized: unknown, messages: unknown, ...tail: Tail) {
      const [runId, parentRunId, extra, tags, metadata, runName] = tail;
      const run = { type: 'CHAT_MODEL', serialized, runName, runId, parentRunId, tags, metadata };
      const attributes = () => toModelAttributes(extra, metadata);
      startRun(recorder, { ...run, inputs: () => toModelInputs(messages), attributes });
    },
    handleLLMStart(serialized: unknown, prompts: unknown, ...tail: Tail) {
      const [runId, parentRunId, extra, tags, metadata, runName] = tail;
      const run = { type: 'LLM', serialized, runName, runId, parentRunId, tags, metadata };
      startRun(recorder, { ...run, inputs: () => prompts, attributes: () => toModelAttributes(extra, metadata) });
    },
    handleToolStart(serialized: unknown, input: unknown, ...tail: Tail) {
      const [runId, parentRunId, tags, metadata, runName, toolCallId] = tail;
      const run = { type: 'TOOL', serialized, runName, runId, parentRunId, tags, metadata };
      const attributes = () => ({ tool_call_id: toolCallId });
      startRun(recorder, { ...run, inputs: () => toToolInput(input), attributes });
    },
    handleRetrieverStart(serialized: unknown, query: unknown, ...tail: Tail) {
      const [runId, parentRunId, tags, metadata, runName] = tail;
      const run = { type: 'RETRIEVER', serialized, runName, runId, parentRunId, tags, metadata };
      startRun(recorder, { ...run, inputs: () => query });
    },
  };
}

function endEvents(recorder: Recorder) {
  const end = (runId: string, result: Parameters<typeof endRun>[2]): void => endRun(recorder, runId, result);
  const fail = (error: unknown, runId: string): void => {
    // An interrupt or a command to the graph above travels as an error, and is none.
    const isControlFlow = isObject(error) && error.is_bubble_up === true;
    end(runId, () => (isControlFlow ? { incomplete: `left by ${String(error.name)}` } : { error }));
  };
  return {
    handleChainEnd(outputs: unknown, runId: string, _parentRunId: unknown, _tags: unknown, kwargs: unknown) {
      end(runId, () => {
        // A streamed chain knows its inputs only when they have come to their end.
        const inputs = isObject(kwargs) && isObject(kwargs.inputs) ? kwargs.inputs : undefined;
        const attributes = inputs === undefined ? {} : { [AttributeKey.inputs]: toPlainData(inputs) };
        return { outputs: toPlainData(outputs), attributes };
      });
    },
    handleLLMEnd(result: unknown, runId: string, _parentRunId: unknown, _tags: unknown, extra: unknown) {
      const isCached = isObject(extra) && extra.cached === true;
      end(runId, () => ({
        outputs: toModelOutputs(result),
        usage: isCached ? undefined : toModelUsage(result),
        attributes: isCached ? { 'langchain.cached': true } : {},
      }));
    },
    handleToolEnd: (output: unknown, runId: string) => end(runId, () => ({ outputs: toPlainData(output) })),
    handleRetrieverEnd: (documents: unknown, runId: string) =>
      end(runId, () => ({ outputs: toPlainData(documents) })),
    handleChainError: fail,
    handleLLMError: fail,
    handleToolError: fail,
    handleRetrieverError: fail,
  };
}

function otherEvents(recorder: Recorder) {
  return {
    handleLLMNewToken: (_token: unknown, _index: unknown, runId: string) => countChunk(runId),
    handleText: (text: unknown, runId: string) => addRunEvent(recorder, runId, 'text', () => ({ text })),
    handleAgentAction(action: unknown, runId: string) {
      markAgent(runId);
      const { tool, toolInput, log } = isObject(action) ? action : {};
      addRunEvent(recorder, runId, 'agent_action', () => ({ tool, tool_input: JSON.stringify(toolInput), log }));
    },
    handleAgentEnd(finish: unknown, runId: string) {
      const { returnValues, log } = isObject(finish) ? finish : {};
      addRunEvent(recorder, runId, 'agent_finish', () => ({
        return_values: JSON.stringify(toPlainData(returnValues)),
        log,
      }));
    },
  };
}

/** The graph that `createAgent` makes; what runs inside of it inherits the metadata. */
function isAgent(serialized: unknown, metadata: unknown): boolean {
  const { id } = isObject(serialized) ? serialized : {};
  const isGraph = Array.isArray(id) && id.at(-1) === 'CompiledStateGraph';
  return isGraph && isObject(metadata) && metadata.ls_integration === 'langchain_create_agent';
}
