import { subscribe } from 'node:diagnostics_channel';
import { reportFailure } from '../failures.ts';
import { traceContextHeaders } from './trace-context.ts';
import { tracingConfig } from './tracing-config.ts';

/** What undici, which Node's `fetch` is, tells of a request before it is sent. */
interface UndiciRequest {
  readonly origin: string | URL;
  readonly headers: readonly unknown[] | string;
  addHeader(name: string, value: string): unknown;
}

let isInstalled = false;

/** Puts the active span into the requests of `fetch`, where the configuration names their origin; stays once installed. */
export function installFetchPropagation(): void {
  if (isInstalled) return;
  isInstalled = true;
  subscribe('undici:request:create', (message) => {
    try {
      addTraceparent((message as { readonly request: UndiciRequest }).request);
    } catch (error) {
      reportFailure('adding a traceparent to a request', error);
    }
  });
}

function addTraceparent(request: UndiciRequest): void {
  const { propagateTo } = tracingConfig();
  const origin = String(request.origin);
  if (!(typeof propagateTo === 'function' ? propagateTo(origin) : propagateTo.includes(origin))) return;
  const { traceparent } = traceContextHeaders();
  // The program's own header, or that of another tracer, says more.
  if (traceparent === undefined || hasTraceparent(request.headers)) return;
  request.addHeader('traceparent', traceparent);
}

function hasTraceparent(headers: UndiciRequest['headers']): boolean {
  if (typeof headers === 'string') return /^traceparent:/im.test(headers);
  return headers.some((each, index) => index % 2 === 0 && String(each).toLowerCase() === 'traceparent');
}
