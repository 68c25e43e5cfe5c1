import { types } from 'node:util';
import type { Interceptor } from '../patching/interceptor.ts';
import { observeStream } from '../patching/observe-stream.ts';
import type { LiveSpan } from '../tracing/live-span.ts';
import { createSpanScope, type SpanScope } from '../tracing/tracer.ts';
import type { ObserveHooks } from './definition.ts';
import type { PatchContext } from './patch-context.ts';
import type { CallFollower, Recorder } from './recorder.ts';

/** Makes the interceptor of a function that is only watched. */
export function createObserveInterceptor(
  context: PatchContext,
  target: string,
  hooks: ObserveHooks,
  recorder: Recorder,
): Interceptor {
  return {
    name: `${context.integration} ${target}`,
    begin(call) {
      if (context.config() === undefined || !context.mayLog()) return undefined;
      const args = context.attempt(target, () => hooks.args?.(call, recorder));
      const above = context.attempt(target, () => hooks.above?.(call, recorder)) as LiveSpan | undefined;
      const isFollowed = hooks.scope === 'followed';
      const scope = hooks.scope ? createSpanScope({ isFollowed, subject: call.self, above }) : undefined;
      if (args === undefined && scope === undefined && hooks.result === undefined) return undefined;
      const follow = (tell: (follower: CallFollower) => void): void =>
        context.attempt(target, () => {
          if (scope?.follower) tell(scope.follower as CallFollower);
        });
      return {
        args,
        run: scope?.run,
        resolved(value) {
          context.attempt(target, () => {
            // Any other stream is the program's own: an answer like others.
            const isStream = types.isGeneratorObject(value) || (hooks.scope === 'stream' && scope?.filledBy);
            if (!isStream) follow((follower) => follower.resolved(value));
            else scope?.run(() => followStream(value, scope, context, target, follow));
            hooks.result?.(value, call, recorder);
          });
        },
        rejected: (error) => follow((follower) => follower.failed(error)),
      };
    },
  };
}

/**
 * A generator's body runs in the context of whoever asks for the next item: brings it back into the scope. Of a consumer
 * that breaks off, a library may tell nothing: the span that it brought is ended here.
 */
function followStream(
  stream: unknown,
  scope: SpanScope,
  context: PatchContext,
  target: string,
  follow: (tell: (follower: CallFollower) => void) => void,
): void {
  observeStream(stream, {
    chunk: (value) => follow((follower) => follower.chunk?.(value)),
    ended: () => follow((follower) => follower.ended?.()),
    failed: (error) => follow((follower) => follower.failed(error)),
    cancelled: ignore,
    closed() {
      follow((follower) => follower.cancelled?.());
      context.attempt(target, () => scope.filledBy?.end({ attributes: { 'autolog.cancelled': true } }));
    },
    abandoned() {
      const end = { attributes: { 'autolog.abandoned': true }, incomplete: 'nobody read it to its end' };
      context.attempt(target, () => scope.filledBy?.end(end));
    },
  });
}

function ignore(): void {
  // What the stream still does is told when it is closed.
}
