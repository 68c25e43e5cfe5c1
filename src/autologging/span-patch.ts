import { withBoth } from '../context.ts';
import type { Call, Interceptor, Observer } from '../patching/interceptor.ts';
import { observeStream, type StreamListener } from '../patching/observe-stream.ts';
import type { LiveSpan } from '../tracing/live-span.ts';
import { activeSpanEntry, startSpan, withTwin } from '../tracing/tracer.ts';
import { passBroken } from './broken-patch.ts';
import type { ChildSpan, ChunkCollector, Config, SpanHooks, SpanResult } from './definition.ts';
import { emitCall } from './event-logger.ts';
import type { PatchContext } from './patch-context.ts';
import { type CallFrame, closeFrame, frameEntry, isInside, openFrame } from './session.ts';

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
  const inFrame = frameEntry(frame);
  const inSpan = activeSpanEntry(span);
  return {
    run(fn) {
      emitCall('originalStart', event);
      return withBoth(inFrame, inSpan, withTwin(span, fn));
    },
    resolved(value) {
      emitCall('originalSuccess', event);
      attempt(() => withBoth(inFrame, inSpan, () => endWith(value, span, spanCall)));
      closeFrame(frame, failure === undefined ? 'succeeded' : 'failed');
      emitCall(failure === undefined ? 'patchSuccess' : 'patchError', event, failure);
    },
    rejected(error) {
      closeFrame(frame, 'failed');
      emitCall('originalError', event, { error });
      attempt(() => span.fail(error, cancelledBy(error, call)));
    },
    abandoned(state) {
      closeFrame(frame, state === 'fulfilled' ? 'succeeded' : 'failed');
      attempt(() =>
        span.end(state === 'fulfilled' ? ABANDONED : { ...ABANDONED, incomplete: 'nobody awaited it' }),
      );
    },
  };
}

const CANCELLED = { attributes: { 'autolog.cancelled': true } };
const ABANDONED = { attributes: { 'autolog.abandoned': true } };

/** The span is over in any case, unless the call goes on. */
function endWith(value: unknown, span: LiveSpan, { call, config, hooks, context, frame }: SpanCall): void {
  let end: SpanResult = {};
  let isOpen = false;
  try {
    isOpen =
      hooks.pending?.(value, lateEnd(span, context, frame.target), childrenOf(span, context, frame.target)) ===
      true;
    if (!isOpen && hooks.stream !== undefined) {
      isOpen = observeStream(value, createFollower(span, call, hooks.stream(call, config), context, frame.target));
    }
    if (!isOpen) end = hooks.result === undefined ? { outputs: value } : hooks.result(value, call, config);
  } finally {
    if (!isOpen) span.end(end);
  }
}

/** Apart from the result, which what waits for its end must not hold. */
function lateEnd(span: LiveSpan, context: PatchContext, target: string): (end: SpanResult) => void {
  return (end) => context.attempt(target, () => span.end(end));
}

/** Makes what begins spans below one, each of which ends as `lateEnd` says. */
function childrenOf(span: LiveSpan, context: PatchContext, target: string) {
  return (child: ChildSpan): ((end: SpanResult) => void) => {
    const begun = context.attempt(target, () => startSpan(child, span));
    return begun === undefined ? () => undefined : lateEnd(begun, context, target);
  };
}

/** As `lateEnd`; tells the span what became of a stream. */
function createFollower(
  span: LiveSpan,
  call: Call,
  collector: ChunkCollector,
  context: PatchContext,
  target: string,
): StreamListener {
  let isFirst = true;
  const result = (): SpanResult => context.attempt(target, () => collector.result()) ?? {};
  const finish = (end: () => void): void => context.attempt(target, end);
  return {
    isLeaf: collector.isLeaf === true,
    chunk(value) {
      if (isFirst) span.addEvent('first_chunk');
      isFirst = false;
      try {
        collector.add(value);
      } catch (error) {
        context.report(target, error);
      }
    },
    ended: () => finish(() => span.end(result())),
    failed: (error) => finish(() => span.fail(error, merged(result(), cancelledBy(error, call)))),
    cancelled: () => finish(() => span.end(merged(result(), CANCELLED))),
    abandoned() {
      const incomplete = isFirst ? 'nobody read it' : 'nobody read it to its end';
      finish(() => span.end({ ...merged(isFirst ? {} : result(), ABANDONED), incomplete }));
    },
  };
}

function merged(result: SpanResult, { attributes }: SpanResult): SpanResult {
  return { ...result, attributes: { ...result.attributes, ...attributes } };
}

/** The error is what the program gets for what it wished itself. */
function cancelledBy(error: unknown, { args }: Call): SpanResult {
  return isAbortError(error) || args.some(hasAborted) ? CANCELLED : {};
}

function isAbortError(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === 'AbortError' || (error as { code?: unknown }).code === 'ABORT_ERR')
  );
}

/** Options of a call hold its signal, if it has one. */
function hasAborted(options: unknown): boolean {
  if (typeof options !== 'object' || options === null) return false;
  return (options as { signal?: Partial<AbortSignal> | null }).signal?.aborted === true;
}
