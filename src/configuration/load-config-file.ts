import { createRequire } from 'node:module';
import path from 'node:path';
import { type AutologError, errorMessage, invalidParameter } from '../errors.ts';
import type { ConfigFile } from './config-file.ts';

const require = createRequire(import.meta.url);

/**
 * Loads a configuration file: JSON, YAML, the key `autolog` of a package.json, or the default export of a script.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE when it cannot be parsed or run, or is no configuration.
 */
export function loadConfigFile(file: string): ConfigFile {
  const { lilconfigSync }: typeof import('lilconfig') = require('lilconfig');
  const scripts = Object.fromEntries(
    ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts'].map((end) => [`.${end}`, runScript]),
  );
  const loaders = { ...scripts, '.json': parseJson, '.yaml': parseYaml, '.yml': parseYaml, noExt: parseYaml };
  const ending = path.extname(file);
  const isKnown = ending === '' || ending in loaders;
  if (!isKnown)
    throw unusable(file, `nothing is known of files that end in '${ending}'`, 'name it .json, .yaml or .js');
  const found = lilconfigSync('autolog', { loaders, cache: false, packageProp: 'autolog' }).load(file);
  return toConfigFile(file, found?.isEmpty ? {} : found?.config);
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw unusable(file, `it is no JSON (${withPlace(errorMessage(error), text)})`, 'correct it there');
  }
}

/** V8 leaves the place out where it shows the text around it instead: ten characters before it, and ten after. */
function withPlace(message: string, text: string): string {
  const around = /, \.\.\."(.*)"(?:\.\.\.)? is not valid JSON$/s.exec(message)?.[1];
  const start = around === undefined ? -1 : text.indexOf(around);
  const oneLine = message.replaceAll(/\s+/g, ' ');
  if (start < 0) return oneLine;
  const before = text.slice(0, start + 10).split('\n');
  return `${oneLine} (line ${before.length} column ${(before.at(-1)?.length ?? 0) + 1})`;
}

/** YAML takes JSON too, which stands in files without an ending. */
function parseYaml(file: string, text: string): unknown {
  if (/^\s*\{/.test(text)) return parseJson(file, text);
  const { parse }: typeof import('yaml') = require('yaml');
  try {
    return parse(text);
  } catch (error) {
    const [first = ''] = errorMessage(error).split('\n');
    throw unusable(file, `it is no YAML (${first.replace(/:$/, '')})`, 'correct it there');
  }
}

function runScript(file: string): unknown {
  try {
    const exports: unknown = createRequire(file)(file);
    const { default: main, __esModule: isTranspiled } = (exports ?? {}) as {
      default?: unknown;
      __esModule?: unknown;
    };
    const isModule = isTranspiled === true || Reflect.get(Object(exports), Symbol.toStringTag) === 'Module';
    return isModule ? main : exports;
  } catch (error) {
    const { code } = (error ?? {}) as { code?: unknown };
    if (code === 'ERR_REQUIRE_ASYNC_MODULE')
      throw unusable(file, 'it awaits at its top level', 'have it export a plain object, without await');
    if (/ts$/.test(file) && !process.features.typescript)
      throw unusable(
        file,
        `Node ${process.version} runs no TypeScript`,
        'name it .js, or use Node 22.18 or later',
      );
    if (
      error instanceof SyntaxError &&
      /^(?:Unexpected token 'export'|Cannot use import statement)/.test(error.message)
    )
      throw unusable(
        file,
        'it is an ES module, and the nearest package.json says "type": "commonjs"',
        `name it ${path.basename(file, path.extname(file))}${path.extname(file).replace('.', '.m')}, or write module.exports`,
      );
    throw unusable(file, `it throws (${errorMessage(error)})`, 'correct it there');
  }
}

function toConfigFile(file: string, content: unknown): ConfigFile {
  if (!isObject(content)) {
    const found = content === null ? 'null' : Array.isArray(content) ? 'a list' : typeof content;
    throw unusable(
      file,
      `found ${found}, not an object of settings`,
      "write it as { trackingUri: '…', logModels: false }",
    );
  }
  const { trackingUri, experiment, integrations = {}, ...options } = content;
  if (trackingUri !== undefined && (typeof trackingUri !== 'string' || trackingUri === ''))
    throw unusable(file, 'trackingUri is no text', "set it to 'sqlite:///mlflow.db', say");
  if (!isObject(integrations) || !Object.values(integrations).every(isObject))
    throw unusable(file, 'integrations is no object of objects', 'write it as { openai: { logTraces: false } }');
  return {
    path: file,
    trackingUri,
    experiment: experiment === undefined ? undefined : toExperiment(file, experiment),
    options,
    integrations: integrations as ConfigFile['integrations'],
  };
}

function toExperiment(file: string, value: unknown): NonNullable<ConfigFile['experiment']> {
  if (typeof value === 'string' && value !== '') return { name: value };
  const { id, name } = (isObject(value) ? value : {}) as { id?: unknown; name?: unknown };
  if (typeof id === 'string' && name === undefined) return { id };
  if (typeof name === 'string' && id === undefined) return { name };
  throw unusable(file, 'experiment is neither a name nor { id } or { name }', "set it to 'my experiment', say");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unusable(file: string, reason: string, advice: string): AutologError {
  return invalidParameter(`Cannot use the configuration '${file}': ${reason}; ${advice}.`);
}
