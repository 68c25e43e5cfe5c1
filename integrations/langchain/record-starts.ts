import type { CallFollower, Recorder } from '../../src/integration.ts';
import { isObject } from '../shapes/json-object.ts';
import type { CallbackManager } from './callback-manager.ts';
import { FollowedModel } from './followed-model.ts';
import { isRunOfScope } from './open-runs.ts';
import { type RunEvents, runEvents } from './run-events.ts';
import { START_EVENTS, type StartName } from './start-events.ts';

type Step = (...args: unknown[]) => unknown;

/** What is told of a call in which a run was started, by the name of what started it. */
const FOLLOWERS: Readonly<
  Record<StartName, (events: RunEvents, runIds: readonly string[], signal?: AbortSignal) => CallFollower>
> = {
  handleChainStart: (events, [runId = '']) => ({
    resolved: (output) => events.handleChainEnd(toDict(output), runId),
    failed: (error) => events.handleChainError(error, runId),
  }),
  handleToolStart: (events, [runId = '']) => ({
    resolved: (output) => events.handleToolEnd(output, runId),
    failed: (error) => events.handleToolError(error, runId),
  }),
  handleRetrieverStart: (events, [runId = '']) => ({
    resolved: (documents) => events.handleRetrieverEnd(documents, runId),
    failed: (error) => events.handleRetrieverError(error, runId),
  }),
  handleChatModelStart: (...known) => new FollowedModel(...known),
  handleLLMStart: (...known) => new FollowedModel(...known),
};

/**
 * Has a manager record the runs that it starts.
 *
 * In a call that is followed, it then gives the library what it would have without a manager, nothing: no run, whose id
 * messages would get, no manager for a function of the program to see. Elsewhere the run is the library's, and tells of
 * its end itself; what it calls finds it as the active span, or, where no scope is open, by its manager.
 */
export function recordStarts(manager: CallbackManager, recorder: Recorder): void {
  const members = manager as unknown as Record<StartName, unknown>;
  for (const name of Object.keys(FOLLOWERS) as StartName[]) {
    const start = members[name];
    if (typeof start !== 'function') continue;
    members[name] = (...args: unknown[]) => {
      if (recorder.guard(name, () => beginFollowed(name, args, manager, recorder))) return undefined;
      const started = Reflect.apply(start, manager, args) as Promise<unknown>;
      return started.then((run) => hideFromChildren(run, recorder));
    };
  }
}

/** Returns false where no call is followed. */
function beginFollowed(
  name: StartName,
  args: readonly unknown[],
  manager: CallbackManager,
  recorder: Recorder,
): boolean {
  const events = runEvents(recorder, true);
  const runIds = ownRunIds(name, args[1]);
  const mine = FOLLOWERS[name](events, runIds, signalOf(args));
  const follower = recorder.follow(mine);
  // A model with a cache starts again what it does not find there: its call is followed already.
  if (follower !== mine) return mine instanceof FollowedModel && follower instanceof FollowedModel;
  runIds.forEach((runId, index) => {
    START_EVENTS[name]({ events, manager, args, runId, index });
  });
  return true;
}

function hideFromChildren(run: unknown, recorder: Recorder): unknown {
  if (isObject(run) && typeof run.runId === 'string' && isRunOfScope(recorder, run.runId)) {
    (run as { getChild?: Step }).getChild = () => undefined;
  }
  return run;
}

/** Models tell their managers the options of the call. */
function signalOf([, , , , extra]: readonly unknown[]): AbortSignal | undefined {
  const options = isObject(extra) ? extra.options : undefined;
  return isObject(options) && options.signal instanceof AbortSignal ? options.signal : undefined;
}

let runCount = 0;

/** The library makes no ids for such runs, and the program never sees these. */
function ownRunIds(name: StartName, input: unknown): readonly string[] {
  const isModel = name === 'handleChatModelStart' || name === 'handleLLMStart';
  return Array.from({ length: isModel && Array.isArray(input) ? input.length : 1 }, () => {
    runCount += 1;
    return `autolog-${runCount}`;
  });
}

/** As the library hands an output to its callbacks. */
function toDict(output: unknown): unknown {
  const isDict = isObject(output) && !(output instanceof Date);
  return isDict ? output : { output };
}
