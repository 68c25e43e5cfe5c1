let isStarting = false;

/** Begins a span of OpenTelemetry that goes with one of ours, and is not to be recorded a second time. */
export function startUnmirrored<R>(start: () => R): R {
  isStarting = true;
  try {
    return start();
  } finally {
    isStarting = false;
  }
}

/** Whether the span of OpenTelemetry that begins now goes with one of ours. */
export function isStartingUnmirrored(): boolean {
  return isStarting;
}
