import { filterChunk } from './azure.mjs';
import { paddingOf, toPieces } from './pieces.mjs';

/**
 * Turns a whole chat completion into the chunks of its stream: for each choice a role, pieces of content,
 * refusal or tool calls, and the reason of its end, choices in turn; then the usage when it was asked for.
 */
export function chatEvents(completion, request) {
  const { id, created, model, service_tier, system_fingerprint, usage } = completion;
  const withUsage = request.body.stream_options?.include_usage === true;
  const withPadding = request.body.stream_options?.include_obfuscation !== false;

  function chunkOf(choices, chunkUsage = null) {
    return {
      id,
      object: 'chat.completion.chunk',
      created,
      model,
      service_tier,
      system_fingerprint,
      choices,
      ...(withUsage && { usage: chunkUsage }),
      ...(withPadding && { obfuscation: paddingOf(JSON.stringify(choices)) }),
    };
  }

  const chunks = inTurn(completion.choices.map(choiceSteps)).map((step) => chunkOf([step]));
  return [...(request.isAzure ? [filterChunk] : []), ...chunks, ...(withUsage ? [chunkOf([], usage)] : [])];
}

/** Turns a whole legacy completion into the chunks of its stream. */
export function completionEvents(completion, request) {
  const { usage, choices, ...head } = completion;
  const withUsage = request.body.stream_options?.include_usage === true;
  const steps = choices.map(({ index, text, finish_reason }) => [
    ...toPieces(text).map((piece) => ({ text: piece, index, logprobs: null, finish_reason: null })),
    { text: '', index, logprobs: null, finish_reason },
  ]);
  const chunks = inTurn(steps).map((step) => ({
    ...head,
    choices: [step],
    ...(withUsage && { usage: null }),
  }));
  return withUsage ? [...chunks, { ...head, choices: [], usage }] : chunks;
}

function choiceSteps({ index, message, finish_reason, ...rest }) {
  const first = { role: 'assistant', content: message.tool_calls ? null : '', refusal: null };
  const deltas = [
    first,
    ...toPieces(message.content ?? '').map((content) => ({ content })),
    ...toPieces(message.refusal ?? '').map((refusal) => ({ refusal })),
    ...(message.tool_calls ?? []).flatMap(toolCallDeltas),
  ];
  const steps = deltas.map((delta) => ({ ...rest, index, delta, finish_reason: null }));
  return [...steps, { ...rest, index, delta: {}, finish_reason }];
}

function toolCallDeltas({ id, type, function: { name, arguments: text } }, index) {
  const opening = { index, id, type, function: { name, arguments: '' } };
  const pieces = toPieces(text).map((piece) => ({ index, function: { arguments: piece } }));
  return [opening, ...pieces].map((call) => ({ tool_calls: [call] }));
}

function inTurn(lists) {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, turn) =>
    lists.filter((list) => turn < list.length).map((list) => list[turn]),
  ).flat();
}
