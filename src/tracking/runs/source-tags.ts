import os from 'node:os';
import { dirname, isAbsolute, relative, sep } from 'node:path';
import { tellOnce } from '../../failures.ts';
import { readGitTags } from './git-tags.ts';
import { readLockFileTags } from './lock-file-tags.ts';
import { RUN_TAGS } from './run-tags.ts';

/**
 * Tags that say who and what began a run or trace.
 *
 * Source: mlflow/tracking/context (default, git), read at 3.17.2.
 */
export function sourceTags(): Record<string, string> {
  return {
    [RUN_TAGS.user]: userName(),
    [RUN_TAGS.sourceName]: programName(),
    [RUN_TAGS.sourceType]: 'LOCAL',
    ...gitTags(),
  };
}

let lockFile: Record<string, string> | undefined;

/** Tags of the packages that are installed; read once in a process, which takes a few milliseconds. */
export function lockFileTags(): Readonly<Record<string, string>> {
  lockFile ??= readLockFileTags(process.cwd());
  return lockFile;
}

/** These tags when they are known already. */
export function knownLockFileTags(): Readonly<Record<string, string>> | undefined {
  return lockFile;
}

let user: string | undefined;

function userName(): string {
  const { MLFLOW_TRACKING_USERNAME, LOGNAME, USER, LNAME, USERNAME } = process.env;
  user ??= systemUserName();
  return MLFLOW_TRACKING_USERNAME || LOGNAME || USER || LNAME || USERNAME || user;
}

function systemUserName(): string {
  try {
    return os.userInfo().username;
  } catch {
    // ENOENT: a container may run under a user id that has no name.
    return 'unknown';
  }
}

/** The main script, below the working folder as a relative path. */
function programName(): string {
  const script = process.argv[1];
  if (!script) return '<console>';
  const path = relative(process.cwd(), script);
  return path === '' || path.startsWith('..') || isAbsolute(path) ? script : path;
}

let git: { readonly folder: string; readonly tags: Record<string, string> } | undefined;

/** Of the main script's repository; of the working folder's where the script is a tool that was installed. */
function gitTags(): Record<string, string> {
  const script = process.argv[1];
  if (!script) return {};
  const isInstalled = script.split(sep).includes('node_modules');
  const folder = isInstalled ? process.cwd() : dirname(script);
  if (git?.folder !== folder) git = { folder, tags: readGitTags(folder) };
  return git.tags;
}

/** `MLFLOW_RUN_CONTEXT`: tags as a JSON object, set by what starts programs. */
export function environmentTags(): Record<string, string> {
  const { MLFLOW_RUN_CONTEXT: text } = process.env;
  if (!text) return {};
  try {
    const tags: unknown = JSON.parse(text);
    if (typeof tags === 'object' && tags !== null)
      return Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)]));
  } catch {
    // SyntaxError: told below with what is no object.
  }
  tellOnce('MLFLOW_RUN_CONTEXT is no JSON object of tags, and not used');
  return {};
}
