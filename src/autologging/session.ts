import { type ContextEntry, createContextSlot } from '../context.ts';
import { checkFunction } from '../errors.ts';
import { randomUuidHex } from '../random-id.ts';
import type { AutologgingSession } from './event-logger.ts';

/** A patched call under way, within the one that it was made from. */
export interface CallFrame {
  readonly integration: string;
  readonly target: string;
  readonly session: AutologgingSession & { state: AutologgingSession['state'] };
  readonly above: CallFrame | undefined;
  /** Its patch has failed: what it calls in its turn passes through. */
  isBroken: boolean;
}

const frameSlot = createContextSlot<CallFrame>('autolog.call');
const suppressedSlot = createContextSlot<boolean>('autolog.suppressed');

/**
 * Runs a function, and all that it starts, without autologging.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no function.
 */
export function withoutAutolog<R>(fn: () => R): R {
  checkFunction('Cannot leave autologging', fn, 'pass what is not to be logged');
  return suppressedSlot.with(true, fn);
}

/** True inside `withoutAutolog`. */
export function isSuppressed(): boolean {
  return suppressedSlot.get() === true;
}

/** True inside a call of the same function, or of one that stands for it: such a call passes through. */
export function isInside(integration: string, target: string): boolean {
  for (let frame = frameSlot.get(); frame !== undefined; frame = frame.above) {
    if (frame.integration === integration && frame.target === target) return true;
  }
  return false;
}

/** True inside any patched call of an integration. */
export function isInsideAny(integration: string): boolean {
  for (let frame = frameSlot.get(); frame !== undefined; frame = frame.above) {
    if (frame.integration === integration) return true;
  }
  return false;
}

/** True inside a call whose patch has failed. */
export function isInsideBroken(): boolean {
  return frameSlot.get()?.isBroken === true;
}

/** Opens a frame for a call; nested calls share the session of the outermost. */
export function openFrame(integration: string, target: string): CallFrame {
  const above = frameSlot.get();
  const session = above?.session ?? { integration, id: randomUuidHex(), state: 'running' };
  return { integration, target, session, above, isBroken: false };
}

/** Runs the original of a call, and all that it starts, inside its frame. */
export function withFrame<R>(frame: CallFrame, fn: () => R): R {
  return frameSlot.with(frame, fn);
}

/** What `withBoth` sets to run a function inside a frame. */
export function frameEntry(frame: CallFrame): ContextEntry {
  return frameSlot.entry(frame);
}

/** Says that the patch of a call has failed. */
export function breakFrame(frame: CallFrame): void {
  frame.isBroken = true;
}

/** Closes the session when the call that opened it is over. */
export function closeFrame(frame: CallFrame, state: 'succeeded' | 'failed'): void {
  if (frame.above === undefined) frame.session.state = state;
}
