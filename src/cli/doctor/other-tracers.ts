import { createRequire } from 'node:module';
import { sep } from 'node:path';
import { installedCopies } from '../../patching/loading/installed-copies.ts';
import type { OtherTracer } from './diagnosis.ts';

const require = createRequire(import.meta.url);

/** Packages that wrap the libraries that are logged here, or trace them by other means. */
const PACKAGES = [
  '@arizeai/openinference-instrumentation-langchain',
  '@arizeai/openinference-instrumentation-openai',
  '@langfuse/langchain',
  '@langfuse/openai',
  '@opentelemetry/instrumentation-openai',
  '@sentry/node',
  '@traceloop/instrumentation-langchain',
  '@traceloop/instrumentation-openai',
  '@traceloop/node-server-sdk',
  'braintrust',
  'dd-trace',
  'langfuse',
  'langfuse-langchain',
  'langsmith',
  'newrelic',
];

/** Lists the other tracers that this program could load, and those that it has loaded as far as that can be seen. */
export function findOtherTracers(): OtherTracer[] {
  const files = Object.keys(require.cache);
  return PACKAGES.flatMap((name) => {
    const inPath = `${sep}node_modules${sep}${name.replaceAll('/', sep)}${sep}`;
    const isLoaded = files.some((file) => file.includes(inPath)) || hasMark(name);
    const [copy] = installedCopies(name);
    if (copy === undefined && !isLoaded) return [];
    return [
      { name, version: copy?.version ?? null, state: isLoaded ? ('loaded' as const) : ('installed' as const) },
    ];
  });
}

/** Some leave a mark on the global object, also where they were loaded as ES modules. */
function hasMark(name: string): boolean {
  if (name === 'dd-trace') return Reflect.has(globalThis, Symbol.for('dd-trace'));
  return name === '@sentry/node' && Reflect.has(globalThis, '__SENTRY__');
}
