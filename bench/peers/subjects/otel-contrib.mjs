import { createRequire } from 'node:module';
import { register, startProvider } from './otel.mjs';

export const title = 'OpenTelemetry contrib';
export const packages = ['@opentelemetry/instrumentation-openai', '@opentelemetry/sdk-trace-node'];
export const setting =
  'its instrumentation registered before the library is loaded; `captureMessageContent` on, whose contents are log records';
export const libraries = ['openai'];
export const loading = 'require';
export const nodeArgs = [];

const require = createRequire(import.meta.url);

export async function start(options) {
  const provider = startProvider(options);
  const { OpenAIInstrumentation } = require('@opentelemetry/instrumentation-openai');
  const { LoggerProvider } = require('@opentelemetry/sdk-logs');
  const instrumentation = new OpenAIInstrumentation({ captureMessageContent: true });
  const records = [];
  register(provider, instrumentation);
  if (options.keep) {
    instrumentation.setLoggerProvider(new LoggerProvider({ processors: [keeperOf(records)] }));
  }
  return { ...provider, spans: () => provider.spans().map((span) => withRecords(span, records)) };
}

/** Contents are told in log records, each of which names its span. */
function keeperOf(records) {
  return {
    onEmit: (record) => void records.push(record),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}

function withRecords(span, records) {
  const own = records.filter(({ spanContext }) => spanContext?.spanId === span.id);
  return { ...span, data: span.data + JSON.stringify(own.map(({ body, attributes }) => ({ body, attributes }))) };
}
