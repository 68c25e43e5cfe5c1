import semver from 'semver';

/** In which order a program loads libraries and calls `autolog()`, in one module system. */
export interface Order {
  readonly name: string;
  readonly system: 'ESM' | 'CommonJS';
  readonly source: string;
  readonly flags: readonly string[];
  /** The first call stands in the graph that loads the library, and `autolog()` ran before the library was there. */
  readonly needsImportHook: boolean;
}

/** How the source of a program is written and run. */
export interface Language {
  readonly name: string;
  readonly system: Order['system'];
  readonly extension: string;
  flags(node: { readonly version: string; readonly tsx: string }): readonly string[];
}

const USE_STATICALLY = 'void useLibraries({ OpenAI, RunnableLambda, tf });\n';

const IMPORTS = `import OpenAI from 'openai';
import { RunnableLambda } from '@langchain/core/runnables';
import * as tf from '@tensorflow/tfjs';
import { useLibraries } from '../use-libraries.cjs';
`;

const IMPORTS_LATER = `const { default: OpenAI } = await import('openai');
const { RunnableLambda } = await import('@langchain/core/runnables');
const tf = await import('@tensorflow/tfjs');
`;

const REQUIRES = `const OpenAI = require('openai');
const { RunnableLambda } = require('@langchain/core/runnables');
const tf = require('@tensorflow/tfjs');
const { useLibraries } = require('../use-libraries.cjs');
`;

const AUTOLOG = {
  ESM: "import { autolog } from 'autolog';\n",
  CommonJS: "const { autolog } = require('autolog');\n",
};

export const ORDERS: readonly Order[] = [
  order('ESM', 'import, then autolog()', `${IMPORTS}${AUTOLOG.ESM}autolog();\n${USE_STATICALLY}`),
  order(
    'ESM',
    'autolog() in a file that is imported first',
    `import '../enable.mjs';\n${IMPORTS}${USE_STATICALLY}`,
    {
      needsImportHook: true,
    },
  ),
  order(
    'ESM',
    'autolog(), then import()',
    `import { useLibraries } from '../use-libraries.cjs';\n${AUTOLOG.ESM}autolog();\n${IMPORTS_LATER}${USE_STATICALLY}`,
  ),
  order(
    'ESM',
    'autolog(), then import() of a file that imports',
    `${AUTOLOG.ESM}autolog();\nawait import('../uses.mjs');\n`,
    {
      needsImportHook: true,
    },
  ),
  order('ESM', '--import autolog/register', `${IMPORTS}${USE_STATICALLY}`, {
    flags: ['--import', 'autolog/register'],
    needsImportHook: true,
  }),
  order('CommonJS', 'require, then autolog()', `${REQUIRES}${AUTOLOG.CommonJS}autolog();\n${USE_STATICALLY}`),
  order('CommonJS', 'autolog(), then require', `${AUTOLOG.CommonJS}autolog();\n${REQUIRES}${USE_STATICALLY}`),
  order(
    'CommonJS',
    'autolog(), then import()',
    `const { useLibraries } = require('../use-libraries.cjs');
${AUTOLOG.CommonJS}autolog();
void (async () => {
${IMPORTS_LATER}${USE_STATICALLY}})();
`,
  ),
  order('CommonJS', '--import autolog/register', `${REQUIRES}${USE_STATICALLY}`, {
    flags: ['--import', 'autolog/register'],
  }),
  order('CommonJS', '--require autolog/register', `${REQUIRES}${USE_STATICALLY}`, {
    flags: ['--require', 'autolog/register'],
  }),
];

export const LANGUAGES: readonly Language[] = [
  { name: '.mjs', system: 'ESM', extension: 'mjs', flags: () => [] },
  { name: '.mts', system: 'ESM', extension: 'mts', flags: stripTypes },
  { name: '.mts with tsx', system: 'ESM', extension: 'mts', flags: ({ tsx }) => ['--import', tsx] },
  { name: '.cjs', system: 'CommonJS', extension: 'cjs', flags: () => [] },
  { name: '.cts', system: 'CommonJS', extension: 'cts', flags: stripTypes },
  { name: '.cts with tsx', system: 'CommonJS', extension: 'cts', flags: ({ tsx }) => ['--import', tsx] },
];

/** How much of a program is logged. */
export type Reach =
  /** Every call. */
  | 'all'
  /** Not the calls that are made while the program is still loading, which is said. */
  | 'later'
  /** Nothing: this Node cannot `require` ES modules in such a program, of whatever package. */
  | 'none';

/** Tells how much is logged of a program that is written and ordered so. */
export function reachOf(order: Order, language: Language, version: string): Reach {
  if (hooksImports(version)) return 'all';
  const isImported = order.name === '--import autolog/register';
  if (language.name === '.cts with tsx' && !isImported) return 'none';
  return order.needsImportHook || (isImported && language.extension === 'cts') ? 'later' : 'all';
}

/** True where hooks for imports can stand without harm to CommonJS. */
export function hooksImports(version: string): boolean {
  return semver.satisfies(version, '~22.22.3 || ^22.23 || ^24.11.1 || >=25.1');
}

function order(
  system: Order['system'],
  name: string,
  source: string,
  { flags = [], needsImportHook = false }: Partial<Order> = {},
): Order {
  return { name, system, source, flags, needsImportHook };
}

function stripTypes({ version }: { readonly version: string }): readonly string[] {
  const flags = ['--disable-warning=ExperimentalWarning'];
  return semver.lt(version, '22.18.0') ? [...flags, '--experimental-strip-types'] : flags;
}
