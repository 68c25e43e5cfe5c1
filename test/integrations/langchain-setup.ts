import { createRequire } from 'node:module';
import type * as caches from '@langchain/core/caches';
import type * as dispatch from '@langchain/core/callbacks/dispatch/web';
import type * as managers from '@langchain/core/callbacks/manager';
import type * as histories from '@langchain/core/chat_history';
import type * as chatModels from '@langchain/core/language_models/chat_models';
import type * as llms from '@langchain/core/language_models/llms';
import type * as messages from '@langchain/core/messages';
import type * as parsers from '@langchain/core/output_parsers';
import type * as outputs from '@langchain/core/outputs';
import type * as prompts from '@langchain/core/prompts';
import type * as retrievers from '@langchain/core/retrievers';
import type * as runnables from '@langchain/core/runnables';
import type * as tools from '@langchain/core/tools';
import { autolog } from '../../integrations/langchain.ts';
import type { IntegrationDefinition } from '../../src/autologging/definition.ts';
import { installPatches } from '../../src/autologging/install-patches.ts';
import { type CommonConfig, DEFAULT_CONFIG } from '../../src/autologging/options.ts';
import { modulesOf } from '../../src/autologging/registry.ts';
import type { LogRecord, SpanRecord, TraceRecord } from '../../src/store/log-record.ts';
import { connectTracing } from '../../src/tracing/tracer.ts';

// What is otherwise reported and swallowed fails the test.
process.env.AUTOLOG_TESTING = '1';

const require = createRequire(import.meta.url);

const packages = { '1.x': '@langchain/core', '0.3': '@langchain/core-03' };

/** Both supported lines, from `import` and from `require`: four different sets of classes. */
export const copyNames: readonly string[] = Object.keys(packages).flatMap((line) => [
  `core ${line} imported`,
  `core ${line} required`,
]);

/** What the tests use of one copy. Types are those of the newest version. */
export type LangChainCopy = typeof caches &
  typeof dispatch &
  typeof histories &
  typeof managers &
  typeof chatModels &
  typeof llms &
  typeof messages &
  typeof parsers &
  typeof outputs &
  typeof prompts &
  typeof retrievers &
  typeof runnables &
  typeof tools & {
    /** Patches the copy as a program's `autolog()` would; returns the undo. */
    patch(config?: Partial<CommonConfig>): () => void;
  };

const SUBPATHS = [
  'caches',
  'callbacks/dispatch/web',
  'callbacks/manager',
  'chat_history',
  'language_models/chat_models',
  'language_models/llms',
  'messages',
  'output_parsers',
  'outputs',
  'prompts',
  'retrievers',
  'runnables',
  'tools',
  'utils/async_caller',
];

const GRAPHS = '@langchain/langgraph/pregel';

const definition = autolog.definition as unknown as IntegrationDefinition;

/** Loads a copy by its name. */
export async function loadCopy(name: string): Promise<LangChainCopy> {
  const root = Object.entries(packages).find(([line]) => name.includes(line))?.[1];
  if (root === undefined) throw new Error(`There is no copy '${name}' of langchain.`);
  const load = (id: string): unknown => (name.endsWith('required') ? require(id) : import(id));
  const exports = new Map<string, Record<string, unknown>>();
  for (const subpath of SUBPATHS) {
    exports.set(subpath, (await load(`${root}/${subpath}`)) as Record<string, unknown>);
  }
  // Langgraph stands on this copy.
  if (name === 'core 1.x imported') exports.set(GRAPHS, (await import(GRAPHS)) as Record<string, unknown>);
  const patch = (config: Partial<CommonConfig> = {}) => {
    const undo = modulesOf(definition).map((specifier) => {
      const found = exports.get(specifier.replace('@langchain/core/', '')) ?? {};
      const module = {
        specifier,
        exports: found,
        packageRoot: null,
        version: null,
        how: 'module.import',
      } as const;
      return installPatches('langchain', definition, module, () => ({ ...DEFAULT_CONFIG, ...config })).undo;
    });
    return () => {
      for (const each of undo) each();
    };
  };
  return { ...Object.assign({}, ...exports.values()), patch } as LangChainCopy;
}

/** What was logged since the last `clear`. */
export interface Recorded {
  readonly spans: readonly SpanRecord[];
  readonly traces: readonly TraceRecord[];
  /** The only span of a name. */
  span(name: string): SpanRecord;
  /** Names, types and bad ends of the spans by trace, children indented, in the order of their start. */
  tree(): string[];
  clear(): void;
}

/** Sends what is logged into a list instead of a store. */
export function recordSpans(): Recorded {
  const records: LogRecord[] = [];
  connectTracing(() => ({
    sink: { append: (record) => records.push(record) },
    experiment: { name: 'test' },
    metadata: {},
  }));
  const spans = () => records.filter((record) => record.op === 'span');
  return {
    get spans() {
      return spans();
    },
    get traces() {
      return records.filter((record) => record.op === 'trace');
    },
    span(name) {
      const [span, ...more] = spans().filter((each) => each.name === name);
      if (span === undefined || more.length > 0) throw new Error(`There are ${more.length} more spans '${name}'.`);
      return span;
    },
    tree: () => childrenOf(null, spans(), ''),
    clear: () => {
      records.length = 0;
    },
  };
}

function childrenOf(parentSpanId: string | null, spans: readonly SpanRecord[], indent: string): string[] {
  return spans
    .filter((span) => span.parentSpanId === parentSpanId)
    .sort((a, b) => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano)))
    .flatMap((span) => {
      const end = span.status.code === 'OK' ? '' : ` ${span.status.code}`;
      const line = `${indent}${span.name} ${String(span.attributes['mlflow.spanType'])}${end}`;
      return [line, ...childrenOf(span.spanId, spans, `${indent}  `)];
    });
}
