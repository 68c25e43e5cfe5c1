import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { TOOLS } from './make-project.ts';

/** The bundlers that are tried. */
export type Bundler = 'esbuild' | 'webpack' | 'Vite SSR';

/** One way to build a program. */
export interface Build {
  readonly bundler: Bundler;
  readonly format: 'ESM' | 'CommonJS';
  readonly isMinified: boolean;
  /** Whether openai, LangChain and tfjs go into the bundle. */
  readonly bundlesLibraries: boolean;
  /** Whether this package does. */
  readonly bundlesAutolog: boolean;
}

const LIBRARIES = ['openai', '@langchain/core', '@tensorflow/tfjs'];

/** Builds a program of a project into a file in `out`, whose path it returns. */
export async function build(how: Build, project: string, entry: string, out: string): Promise<string> {
  const file = path.join(out, how.format === 'ESM' ? 'program.mjs' : 'program.cjs');
  await BUILDERS[how.bundler](how, project, path.join(project, entry), file);
  return file;
}

type Builder = (how: Build, project: string, entry: string, file: string) => Promise<void>;

const BUILDERS: Readonly<Record<Bundler, Builder>> = {
  async esbuild(how, project, entry, file) {
    const { build: run } = await tool<BuildTool>('esbuild/lib/main.js');
    const requireInEsm =
      "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";
    await run({
      absWorkingDir: project,
      entryPoints: [entry],
      outfile: file,
      bundle: true,
      platform: 'node',
      format: how.format === 'ESM' ? 'esm' : 'cjs',
      minify: how.isMinified,
      external: externals(how),
      // Without it, no bundle of CommonJS libraries that call `require` starts as ES module.
      banner: how.format === 'ESM' ? { js: requireInEsm } : {},
      logLevel: 'error',
    });
  },

  async webpack(how, project, entry, file) {
    const { default: webpack } = await tool<WebpackTool>('webpack/lib/index.js');
    const isEsm = how.format === 'ESM';
    const compiler = webpack({
      target: 'node22',
      mode: how.isMinified ? 'production' : 'development',
      devtool: false,
      context: project,
      entry,
      externals: externals(how).map((name) => new RegExp(`^${name}(/|$)`)),
      externalsType: isEsm ? 'module' : 'commonjs',
      experiments: { outputModule: isEsm },
      output: {
        path: path.dirname(file),
        filename: path.basename(file),
        ...(isEsm && { module: true, library: { type: 'module' } }),
      },
    });
    const stats: Stats = await new Promise((resolve, reject) => {
      compiler.run((error, result) => (error ? reject(error) : resolve(result)));
    });
    await new Promise((resolve) => {
      compiler.close(resolve);
    });
    if (stats.hasErrors()) throw new Error(stats.toString({ colors: false, all: false, errors: true }));
  },

  async 'Vite SSR'(how, project, entry, file) {
    const { build: run } = await tool<BuildTool>('vite/dist/node/index.js');
    await run({
      root: project,
      configFile: false,
      logLevel: 'error',
      // By itself Vite leaves all packages of a server build outside.
      ssr: { external: externals(how), noExternal: how.bundlesLibraries || how.bundlesAutolog || undefined },
      build: {
        ssr: entry,
        outDir: path.dirname(file),
        emptyOutDir: false,
        minify: how.isMinified,
        rollupOptions: { output: { entryFileNames: path.basename(file) } },
      },
    });
  },
};

/** What is used of esbuild and of Vite. */
interface BuildTool {
  build(options: object): Promise<unknown>;
}

interface WebpackTool {
  default(options: object): {
    run(done: (error: Error | null, stats: Stats) => void): void;
    close(done: (value: unknown) => void): void;
  };
}

interface Stats {
  hasErrors(): boolean;
  toString(options: object): string;
}

function externals({ bundlesAutolog, bundlesLibraries }: Build): string[] {
  return [...(bundlesAutolog ? [] : ['autolog']), ...(bundlesLibraries ? [] : LIBRARIES)];
}

/** The tools are not installed where this repository's types are checked. */
async function tool<T>(file: string): Promise<T> {
  return (await import(pathToFileURL(path.join(TOOLS, file)).href)) as T;
}
