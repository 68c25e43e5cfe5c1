import { addFilterResults } from './azure.mjs';
import { readReplies } from './stored-replies.mjs';

const snapshots = readReplies('snapshots');

const responseDefaults = {
  background: false,
  error: null,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: 'default',
  store: true,
  temperature: 1,
  text: { format: { type: 'text' }, verbosity: 'medium' },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  user: null,
};

let served = 0;

/**
 * Fits a stored body to its request, as the API would: an id and a time of its own, the snapshot of the model
 * that was asked for, `n` choices, and for responses the request's own settings.
 */
export function fitReply(request, body) {
  const createdAt = Math.floor(Date.now() / 1000);
  const fitted = {
    ...body,
    id: `${body.id}${(served++).toString(36).padStart(6, '0')}`,
    model: snapshots[request.model] ?? request.model,
  };
  if (request.route === 'responses') {
    const settings = mapValues(responseDefaults, (value, key) => request.body[key] ?? value);
    return { ...settings, ...fitted, created_at: createdAt };
  }
  const choices = fitChoices(body.choices, request.body.n ?? 1);
  const completion = { ...fitted, created: createdAt, choices };
  return request.isAzure ? addFilterResults(completion) : completion;
}

function fitChoices(choices, count) {
  return Array.from({ length: count }, (_, index) => ({ ...choices[index % choices.length], index }));
}

function mapValues(record, change) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
