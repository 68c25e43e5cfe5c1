import { checkFunction } from '../errors.ts';
import { activeSpan, withActiveSpan } from './active-span.ts';
import type { LiveSpan } from './live-span.ts';
import { remotePlace, withRemotePlace } from './trace-place.ts';

/** A span that another process has begun. */
export interface RemoteSpan {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

/** Headers of a request, in any of the forms that servers give them; names in any case. */
export type TraceHeaders =
  | Pick<Headers, 'get'>
  | { readonly [name: string]: string | readonly string[] | undefined };

/** How the span of a caller is taken. */
export interface ExtractTraceContextOptions {
  /**
   * Whether the caller records its part of the trace with MLflow too. Where it does not (a browser, a gateway), the first
   * span that begins here is the root of the trace.
   *
   * @default true
   */
  readonly isCallerRecorded?: boolean;
}

/**
 * The W3C header `traceparent` of a span, as `{ traceparent }`; empty where none is active.
 *
 * Source: W3C Trace Context, level 1.
 */
export function traceContextHeaders(span: LiveSpan | null = activeSpan()): { traceparent?: string } {
  if (span !== null) {
    const flags = span.trace.isRecorded ? '01' : '00';
    return { traceparent: `00-${span.traceId.slice('tr-'.length)}-${span.spanId}-${flags}` };
  }
  const remote = remotePlace()?.span;
  if (remote === undefined) return {};
  return { traceparent: `00-${remote.traceId}-${remote.spanId}-${remote.isSampled ? '01' : '00'}` };
}

/**
 * Puts the active span into the headers of a request to another service, which goes on with the same trace; headers
 * stay as they are where none is active. Returns the headers.
 *
 * @example
 * await fetch(url, { headers: injectTraceContext({ accept: 'application/json' }) });
 */
export function injectTraceContext<H extends object>(headers: H): H {
  const { traceparent } = traceContextHeaders();
  if (traceparent === undefined) return headers;
  if (isHeaders(headers)) headers.set('traceparent', traceparent);
  else (headers as Record<string, unknown>).traceparent = traceparent;
  return headers;
}

/**
 * Runs a function, and all that it starts, within the span that the headers of a request name: spans that begin in it
 * are part of the caller's trace. Headers without a valid `traceparent` change nothing.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no function.
 *
 * @example
 * server.on('request', (request, response) => extractTraceContext(request.headers, () => handle(request, response)));
 */
export function extractTraceContext<R>(
  headers: TraceHeaders,
  fn: () => R,
  { isCallerRecorded = true }: ExtractTraceContextOptions = {},
): R {
  checkFunction('Cannot take the trace of a caller', fn, 'pass what runs within it after the headers');
  const span = parseTraceparent(headerOf(headers ?? {}));
  if (span === null) return fn();
  return withRemotePlace({ span, isRecordedThere: isCallerRecorded }, () => withActiveSpan(null, fn));
}

/** Reads a `traceparent`; null for one that the standard has ignored. */
export function parseTraceparent(text: string | undefined): RemoteSpan | null {
  const parts = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(text?.trim() ?? '');
  if (parts === null) return null;
  const [, version, traceId = '', spanId = '', flags = '', rest] = parts;
  // Later versions may say more; this one may not.
  if (version === 'ff' || (version === '00' && rest !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

function headerOf(headers: TraceHeaders): string | undefined {
  if (isHeaders(headers)) return headers.get('traceparent') ?? undefined;
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() !== 'traceparent') continue;
    // Two of them are one too many: the standard has both ignored.
    return typeof value === 'string' ? value : value?.length === 1 ? value[0] : undefined;
  }
  return undefined;
}

/** Not by `Headers` itself, whose mere name has Node load its module. */
function isHeaders(headers: object): headers is Headers {
  return typeof (headers as Partial<Headers>).get === 'function';
}
