let lastTraceId: string | null = null;

/** Id of the trace whose root span ended last in this thread; null as long as there is none. */
export function lastActiveTraceId(): string | null {
  return lastTraceId;
}

/** Notes a trace whose root span has ended. */
export function noteEndedTrace(traceId: string): void {
  lastTraceId = traceId;
}
