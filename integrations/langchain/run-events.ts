import { AttributeKey, type Recorder } from '../../src/integration.ts';
import { isObject } from '../shapes/json-object.ts';
import { toPlainData, toToolInput } from './data.ts';
import { toModelAttributes, toModelInputs, toModelOutputs, toModelUsage } from './model.ts';
import { addRunEvent, countChunk, endRun, markAgent, startRun } from './open-runs.ts';

/** What is recorded of runs, by the events of a callback handler. */
export type RunEvents = ReturnType<typeof createRunEvents>;

const eventsOf = new WeakMap<Recorder, { readonly lone: RunEvents; readonly beside: RunEvents }>();

/** The events of a recorder, which has one for each copy of the library. */
export function runEvents(recorder: Recorder, isLone: boolean): RunEvents {
  const events = eventsOf.get(recorder) ?? {
    lone: createRunEvents(recorder, true),
    beside: createRunEvents(recorder, false),
  };
  eventsOf.set(recorder, events);
  return isLone ? events.lone : events.beside;
}

/**
 * Makes what records langchain's runs as spans; `isLone` is for where the program has no callbacks. It is told of each event in the context of the call that the event is
 * of, and in order.
 *
 * Source: langchainjs `libs/langchain-core/src/callbacks`, read at 0.3.80 and 1.2.13.
 */
function createRunEvents(recorder: Recorder, isLone: boolean) {
  return { ...startEvents(recorder, isLone), ...endEvents(recorder), ...otherEvents(recorder) };
}

type Tail = readonly [runId: string, parentRunId: string | undefined, ...rest: unknown[]];

function startEvents(recorder: Recorder, isLone: boolean) {
  return {
    handleChainStart(serialized: unknown, inputs: unknown, ...tail: Tail) {
      const [runId, parentRunId, tags, metadata, , runName] = tail;
      const type = isAgent(serialized, metadata) ? 'AGENT' : 'CHAIN';
      const run = { type, serialized, runName, runId, parentRunId, tags, metadata, isLone };
      startRun(recorder, { ...run, inputs: () => toPlainData(inputs) });
    },
    handleChatModelStart(serialized: unknown, messages: unknown, ...tail: Tail) {
      const [runId, parentRunId, extra, tags, metadata, runName] = tail;
      const run = { type: 'CHAT_MODEL', serialized, runName, runId, parentRunId, tags, metadata, isLone };
      const attributes = () => toModelAttributes(extra, metadata);
      startRun(recorder, { ...run, inputs: () => toModelInputs(messages), attributes });
    },
    handleLLMStart(serialized: unknown, prompts: unknown, ...tail: Tail) {
      const [runId, parentRunId, extra, tags, metadata, runName] = tail;
      const run = { type: 'LLM', serialized, runName, runId, parentRunId, tags, metadata, isLone };
      startRun(recorder, { ...run, inputs: () => prompts, attributes: () => toModelAttributes(extra, metadata) });
    },
    handleToolStart(serialized: unknown, input: unknown, ...tail: Tail) {
      const [runId, parentRunId, tags, metadata, runName, toolCallId] = tail;
      const run = { type: 'TOOL', serialized, runName, runId, parentRunId, tags, metadata, isLone };
      const attributes = () => ({ tool_call_id: toolCallId });
      startRun(recorder, { ...run, inputs: () => toToolInput(input), attributes });
    },
    handleRetrieverStart(serialized: unknown, query: unknown, ...tail: Tail) {
      const [runId, parentRunId, tags, metadata, runName] = tail;
      const run = { type: 'RETRIEVER', serialized, runName, runId, parentRunId, tags, metadata, isLone };
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
    handleChainEnd(outputs: unknown, runId: string, _parentRunId?: unknown, _tags?: unknown, kwargs?: unknown) {
      end(runId, () => {
        // A streamed chain knows its inputs only when they have come to their end.
        const inputs = isObject(kwargs) && isObject(kwargs.inputs) ? kwargs.inputs : undefined;
        const attributes = inputs === undefined ? {} : { [AttributeKey.inputs]: toPlainData(inputs) };
        return { outputs: toPlainData(outputs), attributes };
      });
    },
    handleLLMEnd(result: unknown, runId: string, _parentRunId?: unknown, _tags?: unknown, extra?: unknown) {
      const { cached, cancelled } = isObject(extra) ? extra : {};
      end(runId, () => ({
        outputs: toModelOutputs(result),
        usage: cached === true ? undefined : toModelUsage(result),
        attributes: {
          ...(cached === true ? { 'langchain.cached': true } : {}),
          ...(cancelled === true ? { 'autolog.cancelled': true } : {}),
        },
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
