import { createServer } from 'node:http';

/** What clients want to read before they send; everything else is answered with an empty object. */
const replies = {
  '/api/apikey/login': ({ url }) => ({ org_info: [{ id: 'org', name: 'org', api_url: url, proxy_url: url }] }),
  '/api/project/register': () => ({ project: { id: 'project', name: 'bench' } }),
  '/info': ({ url }) => ({
    version: '0.12.0',
    endpoints: ['/v0.4/traces', '/v0.5/traces', '/evp_proxy/v2/', '/evp_proxy/v4/'],
    batch_ingest_config: { use_multipart_endpoint: true, size_limit: 100, size_limit_bytes: 20_971_520 },
    instance_flags: {},
    url,
  }),
};

/**
 * Starts an HTTP server on 127.0.0.1 that takes whatever tracers send and keeps nothing of it.
 *
 * `received` counts requests and bytes; `onRequest` is called with the path of each.
 */
export async function startSink({ onRequest = () => undefined } = {}) {
  const received = { requestCount: 0, sizeBytes: 0 };
  const sink = { url: '', received, close: () => new Promise((done) => server.close(done)) };
  const server = createServer((incoming, outgoing) => {
    incoming.on('data', (piece) => {
      received.sizeBytes += piece.length;
    });
    incoming.on('end', () => {
      received.requestCount += 1;
      const path = new URL(incoming.url, sink.url).pathname;
      onRequest(path);
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.end(JSON.stringify(replies[path]?.(sink) ?? {}));
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  server.unref();
  sink.url = `http://127.0.0.1:${server.address().port}`;
  return sink;
}
