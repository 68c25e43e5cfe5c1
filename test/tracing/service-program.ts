/** One of two services: `serve` prints its port and answers until stdin ends, `call <port>` asks and prints its trace. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import '../../src/index.ts';
import { extractTraceContext, injectTraceContext } from '../../src/tracing/trace-context.ts';
import { trace } from '../../src/tracing/trace-function.ts';
import { withSpan } from '../../src/tracing/tracer.ts';

const [, , role, port] = process.argv;

if (role === 'serve') {
  const handle = trace(
    async function handle() {
      return withSpan({ name: 'think' }, () => 'answer');
    },
    { type: 'AGENT' },
  );
  const server = http.createServer((request, response) => {
    void extractTraceContext(request.headers, handle).then((answer) => response.end(answer));
  });
  server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
  process.stdin.resume().once('end', () => {
    server.close();
    server.closeAllConnections();
  });
} else {
  await withSpan({ name: 'ask' }, async (span) => {
    await withSpan({ name: 'request', type: 'TOOL' }, async () => {
      const answer = await fetch(`http://127.0.0.1:${port}`, { headers: injectTraceContext({}) });
      return answer.text();
    });
    process.stdout.write(`${span.traceId}\n`);
  });
}
