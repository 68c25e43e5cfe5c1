import { channel } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';

export const title = 'Datadog';
export const packages = ['dd-trace'];
export const setting = '`init()` with LLM Observability on, before the library is loaded';
export const libraries = ['openai', 'langchain'];
export const loading = 'require';
export const nodeArgs = [];

const require = createRequire(import.meta.url);

export async function start({ sinkUrl, keep }) {
  Object.assign(process.env, {
    DD_TRACE_AGENT_URL: sinkUrl,
    DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
    DD_REMOTE_CONFIGURATION_ENABLED: 'false',
    DD_TRACE_STARTUP_LOGS: 'false',
    DD_LLMOBS_ENABLED: 'true',
    DD_LLMOBS_ML_APP: 'bench',
    DD_LLMOBS_AGENTLESS_ENABLED: 'false',
  });
  const spans = new Map();
  if (keep) keepSpans(spans);
  const tracer = require('dd-trace').init();
  return {
    flush: async () => tracer.llmobs.flush(),
    spans: () => [...spans.values()].filter(isOfAi).map(toPlain),
  };
}

/** The tracer tells of its spans on channels; what LLM Observability knows of one is read at its end. */
function keepSpans(spans) {
  const { tagMap } = require('dd-trace/packages/dd-trace/src/llmobs/tagger.js');
  const idOf = (span) => span.context().toSpanId();
  channel('dd-trace:span:start').subscribe((message) => {
    const span = message.span ?? message;
    spans.set(idOf(span), { span, isEnded: false });
  });
  channel('dd-trace:span:finish').subscribe((message) => {
    const span = message.span ?? message;
    spans.set(idOf(span), { span, isEnded: true, content: tagMap.get(span) });
  });
}

function isOfAi({ span }) {
  return /^(openai|langchain|langgraph|genai)/.test(span.context()._name ?? span._name ?? '');
}

function toPlain({ span, isEnded, content }) {
  const context = span.context();
  const tags = context.getTags?.() ?? context._tags;
  return {
    id: context.toSpanId(),
    parentId: context._parentId?.toString(10) ?? null,
    name: context._name,
    isEnded,
    isError: tags.error !== undefined || tags['error.type'] !== undefined,
    data: JSON.stringify({
      tags: Object.fromEntries(Object.entries(tags).filter(([, value]) => typeof value !== 'object')),
      content,
    }),
  };
}
