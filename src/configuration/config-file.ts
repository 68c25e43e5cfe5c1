import { readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { AutologError, invalidParameter } from '../errors.ts';
import { requireSource } from '../require-source.ts';

/** What a configuration file says. */
export interface ConfigFile {
  readonly path: string;
  readonly trackingUri: string | undefined;
  readonly experiment: { readonly id: string } | { readonly name: string } | undefined;
  /** The other keys: options of the universal call, not checked yet. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Options of single integrations, not checked yet. */
  readonly integrations: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Names of configuration files; the first that a folder has is read. package.json counts where it has the key `autolog`. */
export const CONFIG_FILE_NAMES: readonly string[] = [
  'package.json',
  '.autologrc',
  '.autologrc.json',
  '.autologrc.yaml',
  '.autologrc.yml',
  'autolog.config.json',
  'autolog.config.js',
  'autolog.config.mjs',
  'autolog.config.cjs',
  'autolog.config.ts',
  'autolog.config.mts',
  'autolog.config.cts',
];

/** A file of settings has no use for more, bytes. */
const MAX_SIZE_BYTES = 1024 * 1024;

interface Search {
  readonly named: string | undefined;
  readonly cwd: string;
  readonly path: string | null;
  readonly file: ConfigFile | null;
  readonly error: unknown;
}

let last: Search | undefined;
let isTolerant = false;

/**
 * Reads the configuration file: that of `AUTOLOG_CONFIG_FILE`, else the nearest from the working folder up to the root
 * of the program's project; null where there is none. Looked for again only when folder or variable change.
 *
 * @throws {AutologError} when the file cannot be read, or is no configuration.
 */
export function readConfigFile(): ConfigFile | null {
  const { file, error } = searched();
  if (error !== undefined) throw error;
  return file;
}

/** Path of the configuration file, also of one that cannot be read; null where there is none. */
export function configFilePath(): string | null {
  return searched().path;
}

/** The same for calls that the program did not make for its sake: null where {@link tolerateBrokenFile} says so. */
export function configFileInForce(): ConfigFile | null {
  try {
    return readConfigFile();
  } catch (error) {
    if (isTolerant) return null;
    throw error;
  }
}

/** Lets a broken file count as none from now on, for programs that must start whatever their surroundings are. */
export function tolerateBrokenFile(): void {
  isTolerant = true;
}

/** The folder of the project that a program belongs to: no file of a stranger's folder that it was started in is read. */
export function projectRoot(mainScript: string | undefined, cwd: string): string | null {
  const script = mainScript === undefined ? path.join(cwd, '.') : realPath(mainScript);
  const parts = `${script}${path.sep}`.split(`${path.sep}node_modules${path.sep}`);
  // A command of a dependency, as `next` or `vitest`, works for the project that it is installed in.
  if (parts.length > 1) return isFile(path.join(`${parts[0]}`, 'package.json')) ? `${parts[0]}` : null;
  const folder = mainScript === undefined ? cwd : path.dirname(script);
  return upward(folder).find((each) => isFile(path.join(each, 'package.json'))) ?? folder;
}

function searched(): Search {
  const named = process.env.AUTOLOG_CONFIG_FILE || undefined;
  const cwd = process.cwd();
  if (last?.named === named && last?.cwd === cwd) return last;
  const found = named === undefined ? find(cwd) : path.resolve(cwd, named);
  try {
    last = { named, cwd, path: found, file: found === null ? null : load(found), error: undefined };
  } catch (error) {
    last = { named, cwd, path: found, file: null, error };
  }
  return last;
}

function find(cwd: string): string | null {
  const root = projectRoot(process.argv[1], cwd);
  if (root === null) return null;
  const isInside = cwd === root || cwd.startsWith(root.endsWith(path.sep) ? root : root + path.sep);
  for (const folder of upward(isInside ? cwd : root)) {
    const name = CONFIG_FILE_NAMES.find((each) => isConfigFile(path.join(folder, each)));
    if (name !== undefined) return path.join(folder, name);
    if (folder === root) break;
  }
  return null;
}

function isConfigFile(file: string): boolean {
  if (!isFile(file)) return false;
  if (path.basename(file) !== 'package.json') return true;
  try {
    const { autolog } = JSON.parse(readFileSync(file, 'utf8')) as { autolog?: unknown };
    return autolog !== undefined && autolog !== null;
  } catch {
    // A package.json that cannot be read is Node's to complain of.
    return false;
  }
}

function load(file: string): ConfigFile {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) {
    throw new AutologError(
      'RESOURCE_DOES_NOT_EXIST',
      `Cannot read the configuration '${file}': there is no such file; check AUTOLOG_CONFIG_FILE.`,
    );
  }
  if (stat.size > MAX_SIZE_BYTES)
    throw invalidParameter(
      `Cannot read the configuration '${file}': it is larger than 1 MiB; is it the right file?`,
    );
  return requireSource<typeof import('./load-config-file.ts')>('configuration/load-config-file').loadConfigFile(
    file,
  );
}

function upward(start: string): string[] {
  const parent = path.dirname(start);
  return parent === start ? [start] : [start, ...upward(parent)];
}

function isFile(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    // EACCES, ENOTDIR or --permission: not there for this process.
    return false;
  }
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    // A script of a virtual file system has no other path.
    return path.resolve(file);
  }
}
