import { invalidParameter } from '../errors.ts';
import { reportFailure } from '../failures.ts';

/** The autologging of one outermost call. */
export interface AutologgingSession {
  readonly integration: string;
  readonly id: string;
  readonly state: 'running' | 'succeeded' | 'failed';
}

/** One call of a patched function or of its original. Holds the live arguments, which may contain secrets. */
export interface CallEvent {
  readonly session: AutologgingSession;
  /** Path of the patched function: `OpenAI.Chat.Completions.prototype.create`. */
  readonly target: string;
  readonly args: readonly unknown[];
  readonly error?: unknown;
}

/**
 * Hears what autologging does; every member may be left out. What it throws is reported and changes nothing.
 *
 * Source: mlflow/utils/autologging_utils/events.py `AutologgingEventLogger`, read at 3.17.
 */
export interface AutologgingEventLogger {
  /** At each enabling and disabling, before anything is patched. */
  autologCalled?(integration: string, config: Readonly<Record<string, unknown>>): void;
  patchStart?(event: CallEvent): void;
  patchSuccess?(event: CallEvent): void;
  patchError?(event: CallEvent): void;
  originalStart?(event: CallEvent): void;
  originalSuccess?(event: CallEvent): void;
  originalError?(event: CallEvent): void;
}

let logger: AutologgingEventLogger = {};

/**
 * Sets the one event logger of the process and returns the one before.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no object.
 */
export function setEventLogger(next: AutologgingEventLogger): AutologgingEventLogger {
  if (typeof next !== 'object' || next === null) {
    throw invalidParameter(`Cannot set the event logger: found ${String(next)}; pass an object, {} for none.`);
  }
  const before = logger;
  logger = next;
  return before;
}

/** Tells the logger of a call, and of the error in it. */
export function emitCall(
  name: Exclude<keyof AutologgingEventLogger, 'autologCalled'>,
  event: CallEvent,
  failure?: { readonly error: unknown },
): void {
  try {
    logger[name]?.(failure === undefined ? event : { ...event, ...failure });
  } catch (error) {
    reportFailure('autologging event logger', error);
  }
}

/** Tells the logger of an enabling or disabling. */
export function emitAutologCalled(integration: string, config: Readonly<Record<string, unknown>>): void {
  try {
    logger.autologCalled?.(integration, config);
  } catch (error) {
    reportFailure('autologging event logger', error);
  }
}
