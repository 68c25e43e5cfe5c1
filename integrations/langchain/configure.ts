import type { Call, RecordedSpan, Recorder } from '../../src/integration.ts';
import { isObject } from '../shapes/json-object.ts';
import { isManager, loneManagers } from './callback-manager.ts';
import { loneSpan } from './open-runs.ts';
import { recordStarts } from './record-starts.ts';

/** Has a manager made where the program has no callbacks: for the library, a call without one is a call unseen. */
export function withManager({ args }: Call, recorder: Recorder): readonly unknown[] | undefined {
  if (!recorder.isRecording()) return undefined;
  if (isOfProgram(args)) return undefined;
  const [inheritable, local, ...rest] = args;
  if (!isNone(inheritable) || !isNone(local)) return undefined;
  return [isManager(inheritable) ? inheritable : [], undefined, ...rest];
}

/** Has such a manager record its runs where neither the library nor the program notices. */
export function afterConfigure(manager: unknown, { args }: Call, recorder: Recorder): void {
  if (!recorder.isRecording() || isOfProgram(args) || !isNone(args[0]) || !isNone(args[1])) return;
  // Callbacks may come from other sides than the program's arguments, as LangSmith's from its environment.
  if (!isManager(manager) || manager.handlers.length > 0) return;
  loneManagers.add(manager);
  recordStarts(manager, recorder);
}

/** Takes such a manager, which stands in the options of a call, from them: a function of the program would see it. */
export function withoutManager({ args }: Call, recorder: Recorder, index: number): readonly unknown[] | undefined {
  const options = args[index];
  if (!isObject(options) || !isManager(options.callbacks) || !isNone(options.callbacks)) return undefined;
  recorder.own(options.callbacks);
  const { callbacks: _, ...rest } = options;
  return args.with(index, rest);
}

/** The span of the run that such a manager stands for. */
export function spanAbove({ args }: Call, index: number): RecordedSpan | undefined {
  const options = args[index];
  const callbacks = isObject(options) ? options.callbacks : undefined;
  return isManager(callbacks) && isNone(callbacks) ? loneSpan(callbacks.getParentRunId()) : undefined;
}

/** The public `configure` hands on seven arguments; where the library calls it, the last are options. */
function isOfProgram(args: readonly unknown[]): boolean {
  return args.length === 7 && args[6] === undefined;
}

/** True where the library would have no callbacks without us. */
function isNone(callbacks: unknown): boolean {
  if (!callbacks) return true;
  return (
    isManager(callbacks) && callbacks.handlers.length === 0 && loneSpan(callbacks.getParentRunId()) !== undefined
  );
}
