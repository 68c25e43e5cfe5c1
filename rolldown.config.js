import { globSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig } from 'rolldown';

const sources = globSync('{src,integrations}/**/*.ts');

// What programs import, what is loaded only when it is needed, and what the demo and the benchmarks measure.
const entries = new Set([
  'src/index',
  'src/integration',
  'src/register',
  'src/testing',
  'src/cli/main',
  'src/cli/show',
  'src/cli/doctor/collect-diagnosis',
  'src/cli/doctor/diagnose-process',
  'src/cli/doctor/doctor',
  'src/cli/doctor/print-diagnosis',
  'src/patching/intercept',
  ...sources.flatMap(loadedLater),
  ...readdirSync('integrations', { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'index.ts')
    .map(({ name }) => `integrations/${name.replace(/\.ts$/, '')}`),
]);

/** The files that a program loads by `import 'autolog'`: they go into one. */
const core = reachableFrom('src/index.ts');

/** What is loaded when the first library is seen: another one. */
const patches = ['src/integration.ts', 'src/autologging/install-patches.ts'].reduce(
  (found, file) => reachableFrom(file, found),
  new Set(),
);

/** The probe of loaded modules tries itself on this file, by its name and that of its export. */
const probeSelf = resolve('src/patching/loading/probe-self.ts');

/** The types come from tsc; this joins the files, because each one that is loaded costs a program half a millisecond. */
export default defineConfig({
  input: Object.fromEntries(Array.from(entries, (entry) => [entry, `${entry}.ts`])),
  platform: 'node',
  external: /^[^./]/,
  plugins: [{ name: 'light-builtins', renderChunk: takeBuiltinsLightly }],
  output: {
    dir: 'dist',
    cleanDir: true,
    format: 'esm',
    sourcemap: true,
    // The sources are in the package beside it.
    sourcemapExcludeSources: true,
    entryFileNames: '[name].js',
    // Beside src/index.js, so that paths from `import.meta.url` lead where they lead in the sources.
    chunkFileNames: ({ name }) => (name === 'probe-self' ? 'src/probe-self.js' : 'src/chunk-[name].js'),
    minifyInternalExports: false,
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        { name: 'probe-self', test: (file) => file === probeSelf, priority: 1 },
        { name: 'core', test: (file) => core.has(file) },
        { name: 'patches', test: (file) => patches.has(file) && !core.has(file) },
      ],
    },
  },
});

/**
 * To import one of these two modules, Node loads all that any of their names leads to: 30 modules, and 4 of 10 ms.
 *
 * Line by line, so that the source map stays right.
 */
function takeBuiltinsLightly(code) {
  const light = code.replaceAll(/^import (\{[^}]*\}|\w+) from "(node:(?:fs|util))";$/gm, (_, names, builtin) => {
    return `const ${names.replaceAll(' as ', ': ')} = process.getBuiltinModule("${builtin}");`;
  });
  return { code: light, map: null };
}

/** A file and what it imports as values, directly and through others. */
function reachableFrom(file, found = new Set()) {
  const path = resolve(file);
  if (found.has(path)) return found;
  found.add(path);
  for (const [, specifier] of readFileSync(path, 'utf8').matchAll(
    /^(?:import|export) (?!type )[^;]*?'(\.[^']+)';/gm,
  )) {
    reachableFrom(resolve(path, '..', specifier), found);
  }
  return found;
}

/** Names of the files that a file loads by `requireSource`, or gives to a worker by `sourceUrl`. */
function loadedLater(file) {
  const calls = readFileSync(file, 'utf8').matchAll(
    /\b(?:requireSource(?:<[^()]*>|<[^<>]*\([^()]*\)[^<>]*>)|sourceUrl)\(\s*'([^']+)'/g,
  );
  return Array.from(calls, ([, name]) => `src/${name}`);
}
