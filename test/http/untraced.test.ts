import diagnostics from 'node:diagnostics_channel';
import { context, trace } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { expect, onTestFinished, test } from 'vitest';
import { HttpClient } from '../../src/http/http-client.ts';
import { resolveHttpTarget } from '../../src/http/http-target.ts';
import { json, startLoopback } from './loopback.ts';

test('instrumentations of OpenTelemetry make no spans of requests', async () => {
  new NodeTracerProvider().register();
  onTestFinished(() => {
    context.disable();
    trace.disable();
  });
  const isRecorded = () => trace.getTracer('of undici').startSpan('request').isRecording();
  const server = await startLoopback((_, response) => json(response, 200, {}));
  const recorded: boolean[] = [];
  const note = () => void recorded.push(isRecorded());
  diagnostics.subscribe('undici:request:create', note);
  onTestFinished(() => void diagnostics.unsubscribe('undici:request:create', note));
  const client = new HttpClient(resolveHttpTarget(server.url));
  await client.requestText({ method: 'GET', path: '/', isIdempotent: true });
  expect(recorded).toEqual([false]);
  expect(isRecorded()).toBe(true);
});
