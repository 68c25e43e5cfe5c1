import { createRequire } from 'node:module';

export const title = 'LangSmith';
export const packages = ['langsmith'];
export const setting = '`wrapOpenAI(client)`; LangChain by `LANGSMITH_TRACING=true`';
export const libraries = ['openai', 'langchain'];
export const loading = 'require';
export const nodeArgs = [];

const require = createRequire(import.meta.url);

export async function start({ sinkUrl, keep }) {
  Object.assign(process.env, {
    LANGSMITH_TRACING: 'true',
    LANGSMITH_ENDPOINT: sinkUrl,
    LANGSMITH_API_KEY: 'key',
  });
  const { Client } = require('langsmith');
  const { wrapOpenAI } = require('langsmith/wrappers/openai');
  const client = new Client();
  const runs = new Map();
  if (keep) keepRuns(Client.prototype, runs);
  return {
    wrapClient: (openai) => wrapOpenAI(openai, { client }),
    flush: async () => {
      await require('langsmith').RunTree.getSharedClient?.()?.awaitPendingTraceBatches();
      await client.awaitPendingTraceBatches();
    },
    spans: () => [...runs].map(toPlain),
  };
}

/** Looks at what the client is given to send. */
function keepRuns(prototype, runs) {
  const { createRun, updateRun } = prototype;
  prototype.createRun = function (run, ...rest) {
    runs.set(run.id, { ...run });
    return createRun.call(this, run, ...rest);
  };
  prototype.updateRun = function (id, run, ...rest) {
    runs.set(id, { ...runs.get(id), ...run });
    return updateRun.call(this, id, run, ...rest);
  };
}

function toPlain([id, run]) {
  return {
    id,
    parentId: run.parent_run_id ?? null,
    name: run.name,
    isEnded: run.end_time !== undefined && run.end_time !== null,
    isError: typeof run.error === 'string' && run.error !== '',
    data: JSON.stringify({ inputs: run.inputs, outputs: run.outputs, extra: run.extra, error: run.error }),
  };
}
