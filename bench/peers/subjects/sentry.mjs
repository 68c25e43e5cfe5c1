import { createRequire } from 'node:module';

export const title = 'Sentry';
export const packages = ['@sentry/node'];
export const setting =
  '`Sentry.init` before the library is loaded, all traces sampled, inputs and outputs recorded';
export const libraries = ['openai', 'langchain'];
export const loading = 'require';
export const nodeArgs = [];

const require = createRequire(import.meta.url);

export async function start({ sinkUrl, keep }) {
  const Sentry = require('@sentry/node');
  const contents = { recordInputs: true, recordOutputs: true };
  const client = Sentry.init({
    dsn: `${sinkUrl.replace('://', '://public@')}/1`,
    tracesSampleRate: 1,
    sendDefaultPii: true,
    integrations: [Sentry.openAIIntegration(contents), Sentry.langChainIntegration(contents)],
  });
  const spans = new Map();
  if (keep) {
    client.on('spanStart', (span) => spans.set(span.spanContext().spanId, { span, isEnded: false }));
    client.on('spanEnd', (span) => spans.set(span.spanContext().spanId, { span, isEnded: true }));
  }
  return {
    flush: () => Sentry.flush(2_000),
    spans: () => [...spans.values()].map((kept) => toPlain(Sentry, kept)).filter(isOfAi),
  };
}

function isOfAi({ data }) {
  return data.includes('"sentry.op":"gen_ai');
}

function toPlain(Sentry, { span, isEnded }) {
  const { span_id, parent_span_id, name, status, attributes } = Sentry.spanToJSON(span);
  return {
    id: span_id,
    parentId: parent_span_id ?? null,
    name,
    isEnded,
    isError: status !== 'ok',
    data: JSON.stringify({ attributes, status }),
  };
}
