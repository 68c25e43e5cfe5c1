/** Writes a time as protobuf's JSON does: `2023-11-14T22:13:20.123Z`. */
export function toWireTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** Reads a time in milliseconds since the Unix epoch; 0 where none is told. */
export function parseTime(text: string | undefined): number {
  return text === undefined ? 0 : Date.parse(text);
}

/** Writes a duration of milliseconds as protobuf's JSON does: `1.500s`. */
export function toWireDuration(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(3)}s`;
}

/** Reads a duration in milliseconds; null where none is told. */
export function parseDuration(text: string | undefined): number | null {
  return text === undefined ? null : Math.round(Number(text.replace(/s$/, '')) * 1000);
}
