import { pathToFileURL } from 'node:url';
import type { SeenSpan, Switched } from './case.ts';
import type { Order } from './order.ts';

/** Switches a subject on, before the library is loaded. */
export async function switchOn({ subject, sinkUrl, aliases }: Order): Promise<Switched> {
  if (subject === 'native') return { flush: async () => undefined, spans: () => [] };
  if (subject === 'autolog') return switchOnAutolog(aliases);
  const file = new URL(`../../bench/peers/subjects/${subject}.mjs`, import.meta.url);
  const { start } = (await import(file.href)) as { start(options: object): Promise<Switched> };
  return start({ sinkUrl, keep: true });
}

/** A copy under another name is not found by its name: it is handed over, as bundles are. */
async function switchOnAutolog(aliases: Order['aliases']): Promise<Switched> {
  const { autolog, flush } = await import('../../src/index.ts');
  autolog();
  const given = new Set<unknown>();
  return {
    flush,
    spans: () => readSpans(),
    afterLoad(exports, specifier) {
      if (!Object.hasOwn(aliases, specifier) || given.has(exports)) return;
      given.add(exports);
      autolog({ modules: { [specifier]: exports } });
    },
  };
}

/** Reads all spans of a store: of the one in force, or of the database in a folder. */
export async function readSpans(folder?: string): Promise<SeenSpan[]> {
  const { MlflowClient } = await import('../../src/index.ts');
  const client = folder === undefined ? new MlflowClient() : new MlflowClient(databaseIn(folder));
  const { allPages } = await import('../../src/tracking/all-pages.ts');
  const infos = await allPages((pageToken) => client.searchTraces({ experimentIds: ['0'], pageToken }));
  const traces = await Promise.all(infos.map(({ traceId }) => client.getTrace(traceId)));
  return traces.flatMap(({ spans }) =>
    spans.map(({ spanId, parentSpanId, name, attributes, events, status }) => ({
      id: spanId,
      parentId: parentSpanId,
      name,
      type: String(attributes['mlflow.spanType']),
      isEnded: true,
      isError: status.code === 'ERROR',
      data: JSON.stringify({ attributes, status, events: events.map(({ name, attributes: of }) => [name, of]) }),
    })),
  );
}

function databaseIn(folder: string): string {
  return `sqlite:///${pathToFileURL(folder).pathname}/mlflow.db`;
}
