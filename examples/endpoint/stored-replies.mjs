import { readFileSync } from 'node:fs';

const errors = readReplies('errors');
const streams = readReplies('streams');
const bodies = {
  'chat.completions': readReplies('chat'),
  responses: readReplies('responses'),
  completions: readReplies('completions'),
  embeddings: [{ match: {}, reply: {} }],
};

/**
 * Finds the stored reply to a request: an error or a special pace when the model's name asks for one, else
 * the first reply of the route that matches. The last of each route matches everything.
 */
export function storedReply(request) {
  const facts = factsOf(request);
  const error = errors.find(({ match }) => matches(match, facts));
  if (error) return error.reply;
  const { reply } = bodies[request.route].find(({ match }) => matches(match, facts));
  const { pace } = streams.find(({ match }) => matches(match, facts)) ?? {};
  return { ...reply, pace };
}

/** Reads one file of `replies/`. */
export function readReplies(name) {
  return JSON.parse(readFileSync(new URL(`replies/${name}.json`, import.meta.url), 'utf8'));
}

function matches(match, facts) {
  return Object.entries(match).every(([key, wanted]) => {
    if (key === 'tool') return facts.tools.includes(wanted);
    if (key === 'says') return facts.says.includes(wanted);
    return facts[key] === wanted;
  });
}

function factsOf({ body, model }) {
  const messages = body.messages ?? (Array.isArray(body.input) ? body.input : []);
  const last = messages.at(-1);
  const asked = messages.findLast?.((message) => message?.role === 'user')?.content;
  const format = body.response_format?.json_schema ?? body.text?.format;
  return {
    model,
    says: textOf(asked ?? body.prompt ?? body.input).toLowerCase(),
    tools: (body.tools ?? []).map((tool) => tool.function?.name ?? tool.name),
    toolAnswered: last?.role === 'tool' || last?.type === 'function_call_output',
    schema: format?.name,
  };
}

function textOf(content) {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (typeof part === 'string' ? part : (part?.text ?? ''))).join('\n');
}
