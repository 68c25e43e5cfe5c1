const routes = new Map([
  ['/chat/completions', 'chat.completions'],
  ['/responses', 'responses'],
  ['/embeddings', 'embeddings'],
  ['/completions', 'completions'],
]);

const targetPattern = /^(?:\/v1|(\/openai)(?:\/v1)?(?:\/deployments\/([^/]+))?)(\/.+)$/;

/**
 * Reads an HTTP request as one of the API's: its route, its model and its JSON body (null when that is no
 * JSON object). Keys are left out of the headers.
 */
export function parseRequest(incoming, text) {
  const { pathname, searchParams } = new URL(incoming.url, 'http://127.0.0.1');
  const [, azure, deployment, path] = targetPattern.exec(pathname) ?? [];
  const { authorization: _, 'api-key': __, ...headers } = incoming.headers;
  const body = parseBody(text);
  return {
    method: incoming.method,
    path: pathname,
    query: Object.fromEntries(searchParams),
    route: incoming.method === 'POST' ? (routes.get(path) ?? null) : null,
    isAzure: azure !== undefined,
    model: deployment ? decodeURIComponent(deployment) : body?.model,
    headers,
    body,
    closedEarly: false,
  };
}

/** Returns the API's own error for a request without a valid key, path, body or model; undefined for a good one. */
export function refuseRequest(request, headers, apiKey) {
  const key = headers['api-key'] ?? headers.authorization?.replace(/^Bearer\s*/i, '');
  if (!key) {
    return errorReply(401, 'invalid_request_error', "You didn't provide an API key.");
  }
  if (apiKey !== undefined && key !== apiKey) {
    return errorReply(401, 'invalid_request_error', 'Incorrect API key provided.', 'invalid_api_key');
  }
  if (request.route === null) {
    const target = `${request.method} ${request.path}`;
    return errorReply(404, 'invalid_request_error', `Invalid URL (${target})`);
  }
  if (request.body === null) {
    return errorReply(400, 'invalid_request_error', 'The body of your request is not a JSON object.');
  }
  if (!request.model) {
    return errorReply(400, 'invalid_request_error', 'you must provide a model parameter');
  }
  return undefined;
}

/** Builds a reply in the API's error form. */
export function errorReply(status, type, message, code = null) {
  return { status, body: { error: { message, type, param: null, code } } };
}

function parseBody(text) {
  try {
    const body = JSON.parse(text);
    return typeof body === 'object' ? body : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
