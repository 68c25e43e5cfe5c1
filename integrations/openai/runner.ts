import type { ChildSpan, SpanResult } from '../../src/integration.ts';
import { isObject, objectsIn, textIn } from '../shapes/json-object.ts';

/** What `runTools` returns, streaming or not. */
interface Runner {
  on(event: 'end', listener: () => void): unknown;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  done(): Promise<void>;
  readonly messages: readonly unknown[];
}

/**
 * Ends the span of `runTools` with its runner, and makes a span of each tool call: from the message that asks for it
 * until the one that answers.
 *
 * Only `end` and `message` are listened to: a listener for `error` would keep the SDK from raising an unhandled
 * rejection, and so would `done()` before the end.
 */
export function untilRunnerEnds(
  result: unknown,
  done: (end: SpanResult) => void,
  begin: (child: ChildSpan) => (end: SpanResult) => void,
): boolean {
  const runner = result as Runner;
  if (typeof runner?.on !== 'function' || typeof runner.done !== 'function') return false;
  const tools = new Map<unknown, (end: SpanResult) => void>();
  runner.on('message', (message) => followTools(message, tools, begin));
  runner.on('end', () => {
    const end = (how: SpanResult): void => {
      for (const endTool of tools.values()) endTool(how);
      done({ ...how, outputs: { messages: runner.messages } });
    };
    runner.done().then(
      () => end({}),
      (error: unknown) => end({ error }),
    );
  });
  return true;
}

function followTools(
  message: unknown,
  tools: Map<unknown, (end: SpanResult) => void>,
  begin: (child: ChildSpan) => (end: SpanResult) => void,
): void {
  if (!isObject(message)) return;
  if (message.role === 'tool') {
    tools.get(message.tool_call_id)?.({ outputs: message.content });
    tools.delete(message.tool_call_id);
  }
  for (const { id, function: called } of objectsIn(message.tool_calls)) {
    if (!isObject(called)) continue;
    tools.set(id, begin({ name: textIn(called.name) ?? 'tool', type: 'TOOL', inputs: called.arguments }));
  }
}
