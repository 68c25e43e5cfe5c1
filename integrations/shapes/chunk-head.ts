import type { JsonObject } from './json-object.ts';

/** What a stream's chunks say of the whole; the first chunk may have empty fields, and padding tells nothing. */
export function withHead(head: JsonObject, chunk: JsonObject): JsonObject {
  const { choices: _, obfuscation: __, ...rest } = chunk;
  const told = Object.entries(rest).filter(([, value]) => value !== null && value !== '' && value !== 0);
  return { ...head, ...Object.fromEntries(told) };
}
