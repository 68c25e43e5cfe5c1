import { paddingOf, toPieces } from './pieces.mjs';

const partKinds = {
  output_text: { name: 'output_text', field: 'text', empty: { annotations: [], logprobs: [] } },
  refusal: { name: 'refusal', field: 'refusal', empty: {} },
};

/**
 * Turns a whole response into the events of its stream: created, in progress, each output item as it grows,
 * and at the end the response itself; numbered from 0.
 */
export function responseEvents(response) {
  const { usage: _, ...rest } = response;
  const begun = { ...rest, status: 'in_progress', output: [], usage: null };
  const events = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...response.output.flatMap(itemEvents),
    { type: `response.${response.status}`, response },
  ];
  return events.map(({ type, ...event }, number) => ({ type, sequence_number: number, ...event }));
}

function itemEvents(item, output_index) {
  const place = { item_id: item.id, output_index };
  const [begun, growth] = beginItem(item, place);
  return [
    { type: 'response.output_item.added', output_index, item: begun },
    ...growth,
    { type: 'response.output_item.done', output_index, item },
  ];
}

function beginItem(item, place) {
  if (item.type === 'message') {
    const growth = item.content.flatMap((part, index) => contentEvents(part, index, place));
    return [{ ...item, status: 'in_progress', content: [] }, growth];
  }
  if (item.type === 'function_call') {
    return [{ ...item, status: 'in_progress', arguments: '' }, argumentEvents(item, place)];
  }
  if (item.type === 'reasoning') {
    const growth = item.summary.flatMap((part, index) => summaryEvents(part, index, place));
    return [{ ...item, summary: [] }, growth];
  }
  return [item, []];
}

function contentEvents(part, content_index, place) {
  const { name, field, empty } = partKinds[part.type];
  const at = { ...place, content_index };
  const logprobs = name === 'output_text' ? { logprobs: [] } : {};
  return [
    { type: 'response.content_part.added', ...at, part: { type: part.type, ...empty, [field]: '' } },
    ...deltaEvents(`response.${name}.delta`, part[field], { ...at, ...logprobs }),
    { type: `response.${name}.done`, ...at, [field]: part[field], ...logprobs },
    { type: 'response.content_part.done', ...at, part },
  ];
}

function argumentEvents(item, place) {
  const kind = 'response.function_call_arguments';
  return [
    ...deltaEvents(`${kind}.delta`, item.arguments, place),
    { type: `${kind}.done`, ...place, name: item.name, arguments: item.arguments },
  ];
}

function summaryEvents(part, summary_index, place) {
  const at = { ...place, summary_index };
  return [
    { type: 'response.reasoning_summary_part.added', ...at, part: { ...part, text: '' } },
    ...deltaEvents('response.reasoning_summary_text.delta', part.text, at),
    { type: 'response.reasoning_summary_text.done', ...at, text: part.text },
    { type: 'response.reasoning_summary_part.done', ...at, part },
  ];
}

function deltaEvents(type, text, place) {
  return toPieces(text).map((delta) => ({ type, ...place, delta, obfuscation: paddingOf(delta) }));
}
