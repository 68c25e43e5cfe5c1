import { AttributeKey } from '../../src/integration.ts';
import { toChatTools } from './chat-tools.ts';
import { isObject, type JsonObject, textIn } from './json-object.ts';

/**
 * What an OpenAI-style request says of its span: its plain settings under their own names, the tools, the model that is
 * asked for, and the provider, which the client's `baseURL` tells.
 */
export function requestAttributes(body: unknown, client: unknown): JsonObject {
  return {
    ...settingsOf(body),
    [AttributeKey.messageFormat]: 'openai',
    [AttributeKey.provider]: providerOf(isObject(client) ? client : {}),
    [AttributeKey.model]: isObject(body) ? textIn(body.model) : undefined,
    [AttributeKey.tools]: toChatTools(body),
  };
}

/**
 * A request whose getters are left alone: what they do is done once, when the library reads them. Of most requests, which
 * have none, this is the request itself.
 */
export function withoutGetters(body: unknown): unknown {
  if (!isObject(body)) return body;
  const getters: string[] = [];
  for (const name of Object.keys(body)) {
    if (Object.getOwnPropertyDescriptor(body, name)?.get !== undefined) getters.push(name);
  }
  if (getters.length === 0) return body;
  const kept = Object.keys(body).filter((name) => !getters.includes(name));
  return {
    ...Object.fromEntries(kept.map((name) => [name, body[name]])),
    ...Object.fromEntries(getters.map((name) => [name, '[getter]'])),
  };
}

/** Texts that are what the call is about, and not how it is made. */
const CONVERSATION = new Set(['input', 'prompt', 'instructions', 'suffix']);

function settingsOf(body: unknown): JsonObject {
  if (!isObject(body)) return {};
  const settings: Record<string, unknown> = {};
  for (const name of Object.keys(body)) {
    const value = body[name];
    if (isPlain(value) && !CONVERSATION.has(name)) settings[name] = value;
  }
  return settings;
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** `openai`, `azure` (its client has an `apiVersion`), else the name of the host. */
function providerOf({ baseURL, apiVersion }: JsonObject): string | undefined {
  const host = hostOf(textIn(baseURL));
  if (textIn(apiVersion) !== undefined || host?.endsWith('.azure.com')) return 'azure';
  return host === 'api.openai.com' || host?.endsWith('.api.openai.com') ? 'openai' : host;
}

/** A program has one or two clients. */
let known: { readonly url: string | undefined; readonly host: string | undefined } | undefined;

function hostOf(url: string | undefined): string | undefined {
  if (known === undefined || known.url !== url) {
    known = { url, host: url !== undefined && URL.canParse(url) ? new URL(url).hostname : undefined };
  }
  return known.host;
}
