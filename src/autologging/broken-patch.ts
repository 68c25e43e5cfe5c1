import type { Observer } from '../patching/interceptor.ts';
import { type CallEvent, emitCall } from './event-logger.ts';
import type { PatchContext } from './patch-context.ts';
import { breakFrame, type CallFrame, closeFrame, withFrame } from './session.ts';

/**
 * Lets a call pass whose patch has failed before the original: neither it nor what it calls in its turn is logged, as
 * half of a session would mislead.
 */
export function passBroken(context: PatchContext, frame: CallFrame, event: CallEvent, error: unknown): Observer {
  context.report(frame.target, error);
  breakFrame(frame);
  return {
    run(fn) {
      emitCall('originalStart', event);
      return withFrame(frame, fn);
    },
    resolved() {
      emitCall('originalSuccess', event);
      closeFrame(frame, 'failed');
      emitCall('patchError', { ...event, error });
    },
    abandoned() {
      closeFrame(frame, 'failed');
      emitCall('patchError', { ...event, error });
    },
    rejected(originalError) {
      closeFrame(frame, 'failed');
      emitCall('originalError', { ...event, error: originalError });
    },
  };
}
