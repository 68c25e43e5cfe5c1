import type { Interceptor } from '../patching/interceptor.ts';
import { observeStream } from '../patching/observe-stream.ts';
import { createSpanScope, type SpanScope } from '../tracing/tracer.ts';
import type { ObserveHooks } from './definition.ts';
import type { PatchContext } from './patch-context.ts';
import type { Recorder } from './recorder.ts';

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
      const scope = hooks.scope ? createSpanScope() : undefined;
      if (args === undefined && scope === undefined && hooks.result === undefined) return undefined;
      return {
        args,
        run: scope?.run,
        resolved(value) {
          context.attempt(target, () => {
            if (scope !== undefined) scope.run(() => followStream(value, scope, context, target));
            hooks.result?.(value, call, recorder);
          });
        },
      };
    },
  };
}

/**
 * A generator's body runs in the context of whoever asks for the next item: brings it back into the scope. Of a consumer
 * that breaks off, a library may tell nothing: the span that it brought is ended here.
 */
function followStream(stream: unknown, scope: SpanScope, context: PatchContext, target: string): void {
  observeStream(stream, {
    chunk: ignore,
    ended: ignore,
    failed: ignore,
    cancelled: ignore,
    closed: () =>
      context.attempt(target, () => scope.filledBy?.end({ attributes: { 'autolog.cancelled': true } })),
  });
}

function ignore(): void {
  // The library's own events tell of it.
}
