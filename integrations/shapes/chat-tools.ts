import { isObject, type JsonObject, objectsIn, textIn } from './json-object.ts';

const NOT_RECORDED = '[not recorded]';

/** A tool as MLflow's `mlflow.chat.tools` has it. */
export interface ChatTool {
  readonly type: 'function';
  readonly function: JsonObject;
}

/**
 * The tools of a request in the form of chat completions, or undefined when it has none.
 *
 * Responses name their functions without the `function` level; built-in tools have only a type, which becomes the name.
 */
export function toChatTools(body: unknown): readonly ChatTool[] | undefined {
  if (!isObject(body)) return undefined;
  const tools = [...objectsIn(body.tools).map(toChatTool), ...objectsIn(body.functions).map(asFunction)];
  return tools.length === 0 ? undefined : tools;
}

/**
 * A request without the keys that its tools carry: headers and tokens for MCP servers, secrets of a container's
 * network. Everything else is the request itself.
 */
export function withoutSecrets(body: unknown): unknown {
  if (!isObject(body) || !Array.isArray(body.tools)) return body;
  return { ...body, tools: body.tools.map((tool: unknown) => (isObject(tool) ? withoutKeys(tool) : tool)) };
}

function toChatTool(tool: JsonObject): ChatTool {
  const inner = isObject(tool.function) ? tool.function : isObject(tool.custom) ? tool.custom : tool;
  return asFunction({ ...inner, name: inner.name ?? tool.type });
}

function asFunction({ name, description, parameters, strict }: JsonObject): ChatTool {
  return {
    type: 'function',
    function: {
      name: textIn(name) ?? 'unknown',
      ...(description === undefined ? {} : { description }),
      ...(parameters === undefined ? {} : { parameters }),
      ...(strict === undefined ? {} : { strict }),
    },
  };
}

const SECRET = new Set(['authorization', 'headers', 'domain_secrets']);

function withoutKeys(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (SECRET.has(key) && inner !== null && inner !== undefined) return [key, NOT_RECORDED];
      return [key, PLACES_OF_SECRETS.has(key) && isObject(inner) ? withoutKeys(inner) : inner];
    }),
  );
}

/** Where a tool may keep them deeper: `container.network_policy.domain_secrets`. */
const PLACES_OF_SECRETS = new Set(['container', 'environment', 'network_policy']);
