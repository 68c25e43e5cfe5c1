import type { Call, Interceptor, Observer } from '../patching/interceptor.ts';
import { observeStream } from '../patching/observe-stream.ts';
import type { LiveSpan } from '../tracing/live-span.ts';
import { startSpan, withActiveSpan } from '../tracing/tracer.ts';
import { passBroken } from './broken-patch.ts';
import type { ChunkCollector, Config, SpanHooks, SpanResult } from './definition.ts';
import { emitCall } from './event-logger.ts';
import type { PatchContext } from './patch-context.ts';
import { type CallFrame, closeFrame, isInside, openFrame, withFrame } from './session.ts';

/** Makes the interceptor that records each call of a function as a span. */
export function createSpanInterceptor(context: PatchContext, target: string, hooks: SpanHooks): Interceptor {
  const { integration } = context;
  return {
    name: `${integration} ${target}`,
    begin(call) {
      const config = context.config();
      if (config === undefined || !config.logTraces || !context.mayLog()) return undefined;
      if (isInside(integration, target) || isSkipped(call, hooks, context, target)) return undefined;
      return observeCall({ call, config, hooks, context, frame: openFrame(integration, target) });
    },
  };
}

/** A call of which its integration cannot tell is left alone. */
function isSkipped(call: Call, { skip }: SpanHooks, context: PatchContext, target: string): boolean {
  return skip !== undefined && (context.attempt(target, () => skip(call)) ?? true);
}

interface SpanCall {
  readonly call: Call;
  readonly config: Config<object>;
  readonly hooks: SpanHooks;
  readonly context: PatchContext;
  readonly frame: CallFrame;
}

function observeCall(spanCall: SpanCall): Observer {
  const { call, config, hooks, context, frame } = spanCall;
  const event = { session: frame.session, target: frame.target, args: call.args };
  emitCall('patchStart', event);
  let span: LiveSpan;
  try {
    span = startSpan({
      name: typeof hooks.name === 'string' ? hooks.name : hooks.name(call),
      type: typeof hooks.type === 'string' ? hooks.type : hooks.type(call),
    });
  } catch (error) {
    return passBroken(context, frame, event, error);
  }
  let failure: { readonly error: unknown } | undefined;
  const attempt = (fn: () => void): void => {
    try {
      fn();
    } catch (error) {
      failure ??= { error };
      context.report(frame.target, error);
    }
  };
  attempt(() => span.setInputs(hooks.inputs === undefined ? call.args[0] : hooks.inputs(call, config)));
  attempt(() => span.setAttributes(hooks.attributes?.(call, config) ?? {}));
  return {
    run(fn) {
      emitCall('originalStart', event);
      return withFrame(frame, () => withActiveSpan(span, fn));
    },
    resolved(value) {
      emitCall('originalSuccess', event);
      attempt(() => withFrame(frame, () => withActiveSpan(span, () => endWith(value, span, spanCall))));
      closeFrame(frame, failure === undefined ? 'succeeded' : 'failed');
      emitCall(failure === undefined ? 'patchSuccess' : 'patchError', { ...event, ...failure });
    },
    rejected(error) {
      closeFrame(frame, 'failed');
      emitCall('originalError', { ...event, error });
      attempt(() => span.fail(error));
    },
  };
}

/** The span is over in any case, unless the call goes on. */
function endWith(value: unknown, span: LiveSpan, { call, config, hooks, context, frame }: SpanCall): void {
  let end: SpanResult = {};
  let isOpen = false;
  try {
    isOpen = hooks.pending?.(value, (late) => context.attempt(frame.target, () => span.end(late))) === true;
    isOpen ||=
      hooks.stream !== undefined && followStream(value, span, hooks.stream(call, config), context, frame.target);
    if (!isOpen) end = hooks.result === undefined ? { outputs: value } : hooks.result(value, call, config);
  } finally {
    if (!isOpen) span.end(end);
  }
}

function followStream(
  stream: unknown,
  span: LiveSpan,
  collector: ChunkCollector,
  context: PatchContext,
  target: string,
): boolean {
  let isFirst = true;
  const result = (): SpanResult => context.attempt(target, () => collector.result()) ?? {};
  const finish = (end: () => void) => () => context.attempt(target, end);
  return observeStream(stream, {
    chunk(value) {
      if (isFirst) span.addEvent('first_chunk');
      isFirst = false;
      context.attempt(target, () => collector.add(value));
    },
    ended: finish(() => span.end(result())),
    failed: (error) => void context.attempt(target, () => span.fail(error, result())),
    cancelled: finish(() => {
      span.setAttributes({ 'autolog.cancelled': true });
      span.end(result());
    }),
  });
}
