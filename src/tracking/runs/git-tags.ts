import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { RUN_TAGS } from './run-tags.ts';

/**
 * Tags that name the commit, branch and remote of the git repository that a folder lies in; none outside of one.
 *
 * Reads git's own files, as a process of git would take longer than all else that begins a run. Repositories that keep
 * their references in a "reftable" (an option of git 2.45) have no tags.
 */
export function readGitTags(folder: string): Record<string, string> {
  try {
    const gitFolder = findGitFolder(folder);
    if (gitFolder === undefined) return {};
    const head = readFileSync(join(gitFolder, 'HEAD'), 'utf8').trim();
    const ref = /^ref: (refs\/.+)$/.exec(head)?.[1];
    const shared = sharedFolder(gitFolder);
    const commit = ref === undefined ? head : readRef(gitFolder, shared, ref);
    if (commit === undefined || !/^[0-9a-f]{40,64}$/.test(commit)) return {};
    const branch = ref?.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined;
    const remote = readRemote(shared);
    return {
      [RUN_TAGS.gitCommit]: commit,
      ...(branch === undefined ? {} : { [RUN_TAGS.gitBranch]: branch }),
      ...(remote === undefined ? {} : { [RUN_TAGS.gitRepoUrl]: remote }),
    };
  } catch {
    // ENOENT, EACCES and the like: a folder named .git that is no repository, or is not ours to read.
    return {};
  }
}

/** The folder `.git`, here or above; of a worktree or submodule the folder that a file `.git` names. */
function findGitFolder(folder: string): string | undefined {
  for (let here = resolve(folder); ; here = dirname(here)) {
    const path = join(here, '.git');
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return path;
    if (stat?.isFile()) {
      const target = /^gitdir: (.+)$/m.exec(readFileSync(path, 'utf8'))?.[1];
      return target === undefined ? undefined : resolve(here, target.trim());
    }
    if (here === dirname(here)) return undefined;
  }
}

/** Worktrees share references and configuration with the repository that they were made from. */
function sharedFolder(gitFolder: string): string {
  const text = readText(join(gitFolder, 'commondir'));
  return text === undefined ? gitFolder : resolve(gitFolder, text.trim());
}

function readRef(gitFolder: string, shared: string, ref: string): string | undefined {
  const loose = readText(join(gitFolder, ref)) ?? readText(join(shared, ref));
  if (loose !== undefined) return loose.trim();
  const packed = readText(join(shared, 'packed-refs'))?.split('\n') ?? [];
  return packed.find((line) => line.endsWith(` ${ref}`))?.split(' ', 1)[0];
}

/** URL of the first remote, without user and password. */
function readRemote(shared: string): string | undefined {
  const config = readText(join(shared, 'config')) ?? '';
  const url = /^\s*\[remote "[^\n]*"\][^[]*?^\s*url\s*=\s*"?([^"\n]+?)"?\s*$/m.exec(config)?.[1];
  return url?.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1');
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
