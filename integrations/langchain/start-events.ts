import type { CallbackManager } from './callback-manager.ts';
import type { RunEvents } from './run-events.ts';

/** A start as a manager's method is told of it; of several conversations or prompts, the one at `index`. */
export interface StartedRun {
  readonly events: RunEvents;
  readonly manager: CallbackManager;
  readonly args: readonly unknown[];
  readonly runId: string;
  readonly index: number;
}

/** Passes on what starts a run, as the library passes it on to its callbacks, by the name of the manager's method. */
export const START_EVENTS = {
  handleChainStart({ events, manager, args, runId }: StartedRun): void {
    const [serialized, inputs, , runType, , , runName] = args;
    events.handleChainStart(serialized, inputs, runId, ...treeOf(manager), runType, runName);
  },
  handleToolStart({ events, manager, args, runId }: StartedRun): void {
    const [serialized, input, , , , , runName, toolCallId] = args;
    events.handleToolStart(serialized, input, runId, ...treeOf(manager), runName, toolCallId);
  },
  handleRetrieverStart({ events, manager, args, runId }: StartedRun): void {
    const [serialized, query, , , , , runName] = args;
    events.handleRetrieverStart(serialized, query, runId, ...treeOf(manager), runName);
  },
  handleChatModelStart({ events, manager, args, runId, index }: StartedRun): void {
    const [serialized, conversations, , , extra, , , runName] = args;
    const [parentRunId, ...notes] = treeOf(manager);
    events.handleChatModelStart(
      serialized,
      partOf(conversations, index),
      runId,
      parentRunId,
      extra,
      ...notes,
      runName,
    );
  },
  handleLLMStart({ events, manager, args, runId, index }: StartedRun): void {
    const [serialized, prompts, , , extra, , , runName] = args;
    const [parentRunId, ...notes] = treeOf(manager);
    events.handleLLMStart(serialized, partOf(prompts, index), runId, parentRunId, extra, ...notes, runName);
  },
};

/** Names of the methods that start a run. */
export type StartName = keyof typeof START_EVENTS;

function treeOf(manager: CallbackManager) {
  return [manager.getParentRunId(), manager.tags, manager.metadata] as const;
}

function partOf(parts: unknown, index: number): readonly unknown[] {
  return Array.isArray(parts) ? [parts[index]] : [];
}
