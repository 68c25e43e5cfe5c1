import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, TOOLS } from '../bundlers/make-project.ts';

const TFJS = path.join(ROOT, 'node_modules/@tensorflow');

/** The release of tfjs-layers whose source maps hold the texts of its tests. */
const OLD_LAYERS = path.join(import.meta.dirname, 'node_modules/@tensorflow/tfjs-layers/dist');

/** Tests of tfjs-core that have to do with training, or with what a training keeps of tensors. */
const CORE_TESTS = /^(optimizers|io)\/|^(engine|gradients|tape|variable|globals|serialization|tensor)_test/;

/** A suite of the library's authors. */
export interface Suite {
  /** Paths of its test files without extension. */
  readonly files: readonly string[];
  /** Finds the file that a test's relative import means; undefined where the bundler finds it by itself. */
  readonly resolve: (importer: string, specifier: string) => string | undefined;
}

/** Writes the tests that tfjs-layers 3.9 was published with into a folder; they import the present release. */
export function layersSuite(folder: string): Suite {
  const layers = fs.realpathSync(path.join(TFJS, 'tfjs-layers/dist'));
  const files: string[] = [];
  for (const name of fs.readdirSync(OLD_LAYERS, { recursive: true, encoding: 'utf8' })) {
    if (!/(_test|test_utils|_fakes|_stub)\.js\.map$/.test(name)) continue;
    const { sourcesContent } = JSON.parse(fs.readFileSync(path.join(OLD_LAYERS, name), 'utf8'));
    const file = path.join(folder, name.replace(/\.js\.map$/, ''));
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(`${file}.ts`, renamed(sourcesContent[0]));
    if (file.endsWith('_test')) files.push(file);
  }
  // It clears the list of callbacks that every fit has, where autologging has its own.
  files.sort((a, b) => Number(a.endsWith('/base_callbacks_test')) - Number(b.endsWith('/base_callbacks_test')));
  return {
    files,
    resolve(importer, specifier) {
      if (!importer.startsWith(folder)) return undefined;
      const file = path.resolve(path.dirname(importer), specifier);
      const target = path.join(layers, path.relative(folder, file));
      return [`${file}.ts`, `${target}.js`, path.join(target, 'index.js')].find((each) => fs.existsSync(each));
    },
  };
}

/** The tests that tfjs-core is published with. */
export function coreSuite(): Suite {
  const core = fs.realpathSync(path.join(TFJS, 'tfjs-core/dist'));
  const names = fs.readdirSync(core, { recursive: true, encoding: 'utf8' }).sort();
  const tests = names.filter((name) => name.endsWith('_test.js') && CORE_TESTS.test(name));
  return { files: tests.map((name) => path.join(core, name.slice(0, -3))), resolve: () => undefined };
}

/** What was renamed between the releases. */
function renamed(text: string): string {
  return text.replace('{loadLayersModelInternal,', '{loadLayersModel as loadLayersModelInternal,');
}

/** Builds a suite and the library under it into one program of a project, whose path it returns. */
export async function buildSuite(suite: Suite, project: string): Promise<string> {
  const { build } = await import(pathToFileURL(path.join(TOOLS, 'esbuild/lib/main.js')).href);
  const outfile = path.join(project, 'suite.mjs');
  await build({
    stdin: { contents: entryText(suite), resolveDir: ROOT },
    outfile,
    bundle: true,
    // Tests compare names of functions.
    keepNames: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    external: ['autolog', 'jasmine-core'],
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
    plugins: [{ name: 'suite', setup: (hooks: Hooks) => redirect(hooks, suite) }],
    logLevel: 'error',
  });
  return outfile;
}

interface Hooks {
  onResolve(
    options: { filter: RegExp },
    resolve: (args: { importer: string; path: string; kind: string; pluginData?: unknown }) => unknown,
  ): void;
  resolve(path: string, options: object): unknown;
}

function redirect(hooks: Hooks, { resolve }: Suite): void {
  hooks.onResolve({ filter: /^\.\.?\// }, (args) => {
    const found = resolve(args.importer, args.path);
    return found === undefined ? undefined : { path: found };
  });
  hooks.onResolve({ filter: /^@tensorflow\// }, (args) =>
    args.pluginData === undefined
      ? hooks.resolve(args.path, { kind: args.kind, resolveDir: ROOT, pluginData: 'resolving' })
      : undefined,
  );
}

function entryText({ files }: Suite): string {
  return `
import ${JSON.stringify(path.join(import.meta.dirname, 'jasmine-globals.mjs'))};
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import * as core from '@tensorflow/tfjs-core';
import * as layers from ${JSON.stringify(path.join(TFJS, 'tfjs-layers/dist/index.js'))};

setTestEnvs([{ name: 'cpu', backendName: 'cpu', flags: {}, isDataSync: true }]);
if (process.env.WITH_AUTOLOG === 'true') {
  const { autolog, startRun } = await import('autolog');
  autolog({ modules: { tfjs: { ...core, ...layers } } });
  if (process.env.IN_RUN === 'true') startRun();
}
${files.map((file) => `await import(${JSON.stringify(file)});`).join('\n')}
jasmine.getEnv().execute();
`;
}
