import { createRequire } from 'node:module';
import type * as openai7 from 'openai';
import type { zodResponseFormat } from 'openai/helpers/zod';
import { autolog } from '../../integrations/openai.ts';
import type { IntegrationDefinition } from '../../src/autologging/definition.ts';
import { installPatches } from '../../src/autologging/install-patches.ts';
import { type CommonConfig, DEFAULT_CONFIG } from '../../src/autologging/options.ts';
import type { LoadedModule } from '../../src/patching/loading/loaded-module.ts';
import type { LogRecord, SpanRecord, TraceRecord } from '../../src/store/log-record.ts';
import { connectTracing } from '../../src/tracing/tracer.ts';

// What is otherwise reported and swallowed fails the test.
process.env.AUTOLOG_TESTING = '1';

const require = createRequire(import.meta.url);

/** One copy of the library as a program loads it. Types are those of the newest version. */
export interface OpenAiCopy {
  readonly name: string;
  readonly module: typeof openai7;
  readonly zodResponseFormat: typeof zodResponseFormat;
}

const packages = { 'openai 5': 'openai-5', 'openai 6': 'openai-6', 'openai 7': 'openai' };

/** Every supported major, from `import` and from `require`: six different sets of classes. */
export const copyNames: readonly string[] = Object.keys(packages).flatMap((name) => [
  `${name} imported`,
  `${name} required`,
]);

/** Loads a copy by its name. */
export async function loadCopy(name: string): Promise<OpenAiCopy> {
  const specifier = Object.entries(packages).find(([start]) => name.startsWith(start))?.[1];
  if (specifier === undefined) throw new Error(`There is no copy '${name}' of openai.`);
  const load = (id: string): unknown => (name.endsWith('required') ? require(id) : import(id));
  const helper = (await load(`${specifier}/helpers/zod`)) as Pick<OpenAiCopy, 'zodResponseFormat'>;
  return {
    name,
    module: (await load(specifier)) as typeof openai7,
    zodResponseFormat: helper.zodResponseFormat,
  };
}

/** Patches a copy of the library as a program's `autolog()` would; returns the undo. */
export function patch(
  exports: unknown,
  config: Partial<CommonConfig> = {},
  how: LoadedModule['how'] = 'module.import',
): () => void {
  return installPatches(
    'openai',
    autolog.definition as unknown as IntegrationDefinition,
    {
      specifier: 'openai',
      exports: exports as Record<string, unknown>,
      packageRoot: null,
      version: null,
      how,
    },
    () => ({ ...DEFAULT_CONFIG, ...config }),
  ).undo;
}

/** What was logged since the last `clear`. */
export interface Recorded {
  readonly spans: readonly SpanRecord[];
  readonly traces: readonly TraceRecord[];
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
  return {
    get spans() {
      return records.filter((record) => record.op === 'span');
    },
    get traces() {
      return records.filter((record) => record.op === 'trace');
    },
    clear: () => {
      records.length = 0;
    },
  };
}
