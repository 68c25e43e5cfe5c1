/**
 * Logs calls of the openai package, and of what speaks its protocol through it (AzureOpenAI, a `baseURL` of one's own).
 *
 * | when                                           | logged                                                        |
 * | ---------------------------------------------- | ------------------------------------------------------------- |
 * | `chat.completions` create, parse, stream       | span `Completions`, CHAT_MODEL                                |
 * | `chat.completions.runTools`                    | span `runTools`, AGENT, over the `Completions` that it makes  |
 * |                                                | and a TOOL span of each tool call, from the message that asks |
 * |                                                | for it until the one that answers                             |
 * | `responses` create, parse, stream (beta too)   | span `Responses`, CHAT_MODEL                                  |
 * | `completions.create`                           | span `Completions`, LLM                                       |
 * | `embeddings.create`                            | span `Embeddings`, EMBEDDING                                  |
 *
 * Each span has the request's body as inputs (keys of its tools left out, transport options never looked at) and its
 * plain settings as attributes, the reply as outputs, tokens as `mlflow.chat.tokenUsage` where the reply tells them, the
 * model that answered, the provider (`openai`, `azure`, else the host) and the tools. A stream's outputs are what its
 * chunks amount to, also when it breaks off; its first chunk is an event. Of embeddings, the count, the dimensions and
 * the first 8 values of the first 20 vectors are kept. Of a raw response the status and request id are.
 *
 * Source: openai-node `src/resources`, `src/core/api-promise.ts`, `src/core/streaming.ts` and `src/lib/EventStream.ts`,
 * read at 5.23.2, 6.49.0 and 7.55.0.
 */
import { autologgingIntegration, type Call, type SpanHooks, type SpanResult } from '../src/integration.ts';
import { untilRunnerEnds } from './openai/runner.ts';
import { createChatCollector } from './shapes/chat-completion.ts';
import { withoutSecrets } from './shapes/chat-tools.ts';
import { embeddingResult } from './shapes/embedding-list.ts';
import { isObject, type JsonObject } from './shapes/json-object.ts';
import { replyResult } from './shapes/reply.ts';
import { requestAttributes, withoutGetters } from './shapes/request.ts';
import { createResponseCollector, responseResult } from './shapes/response.ts';
import { createTextCollector } from './shapes/text-completion.ts';

/** What `client.chat.completions` and the like have of their client. */
interface Resource {
  readonly _client?: unknown;
}

const request = {
  inputs: ({ args }: Call) => withoutSecrets(withoutGetters(args[0])),
  attributes: ({ self, args }: Call) =>
    requestAttributes(withoutGetters(args[0]), (self as Resource | undefined)?._client),
};

const chatSpan: SpanHooks = {
  ...request,
  name: 'Completions',
  type: 'CHAT_MODEL',
  result: (reply) => rawResult(reply) ?? replyResult(reply),
  stream: createChatCollector,
};

const responseSpan: SpanHooks = {
  ...request,
  name: 'Responses',
  type: 'CHAT_MODEL',
  result: (reply) => rawResult(reply) ?? responseResult(reply),
  stream: createResponseCollector,
};

const completionSpan: SpanHooks = { ...chatSpan, type: 'LLM', stream: createTextCollector };

const embeddingSpan: SpanHooks = {
  ...request,
  name: 'Embeddings',
  type: 'EMBEDDING',
  result: (reply) => rawResult(reply) ?? embeddingResult(reply),
};

const runToolsSpan: SpanHooks = { ...request, name: 'runTools', type: 'AGENT', pending: untilRunnerEnds };

/** Turns the logging of openai calls on or off. */
export const autolog = autologgingIntegration('openai', {
  packages: { openai: '>=5 <8' },
  patches: [
    { target: 'OpenAI.Chat.Completions.prototype.create', span: chatSpan },
    { target: 'OpenAI.Chat.Completions.prototype.runTools', span: runToolsSpan },
    { target: 'OpenAI.Responses.prototype.create', span: responseSpan },
    { target: 'OpenAI.Beta.Responses.prototype.create', span: responseSpan, optional: true },
    { target: 'OpenAI.Completions.prototype.create', span: completionSpan },
    { target: 'OpenAI.Embeddings.prototype.create', span: embeddingSpan },
  ],
  given: toExports,
});

/** For `asResponse()`, whose body belongs to the program alone; a `fetch` of one's own has its own class for it. */
function rawResult(reply: unknown): SpanResult | undefined {
  const { status, headers, body } = (reply ?? {}) as Partial<Response>;
  const isRaw = typeof status === 'number' && typeof headers?.get === 'function' && body !== undefined;
  return isRaw ? { outputs: { status, request_id: headers.get('x-request-id') } } : undefined;
}

/** Takes the module, the class or a client; a client leads to the classes of its resources. */
function toExports(handle: unknown): JsonObject | undefined {
  if (typeof handle === 'function')
    return 'OpenAI' in handle ? (handle as unknown as JsonObject) : { OpenAI: handle };
  if (!isObject(handle)) return undefined;
  if ('OpenAI' in handle) return handle;
  if (typeof handle.default === 'function') return toExports(handle.default);
  const { chat, responses, completions, embeddings, beta } = handle;
  const OpenAI = {
    Chat: { Completions: classOf(isObject(chat) ? chat.completions : undefined) },
    Responses: classOf(responses),
    Completions: classOf(completions),
    Embeddings: classOf(embeddings),
    Beta: { Responses: classOf(isObject(beta) ? beta.responses : undefined) },
  };
  return isObject(chat) ? { OpenAI } : undefined;
}

function classOf(resource: unknown): { readonly prototype: unknown } {
  const isOwn = isObject(resource) && Object.hasOwn(resource, 'create');
  return { prototype: isOwn || !isObject(resource) ? resource : Object.getPrototypeOf(resource) };
}
