import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readGitTags } from '../../src/tracking/runs/git-tags.ts';
import { readLockFileTags } from '../../src/tracking/runs/lock-file-tags.ts';
import { environmentTags } from '../../src/tracking/runs/source-tags.ts';
import { temporaryFolder } from './temporary-store.ts';

const IDENTITY = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false'];

function git(folder: string, ...args: readonly string[]): string {
  return execFileSync('git', [...IDENTITY, ...args], { cwd: folder, encoding: 'utf8', stdio: 'pipe' }).trim();
}

function makeRepository(): string {
  const folder = temporaryFolder();
  git(folder, 'init', '--quiet', '--initial-branch', 'main/line');
  git(folder, 'commit', '--quiet', '--allow-empty', '-m', 'a');
  return folder;
}

describe('the tags of git', () => {
  test('name commit, branch and remote, from folders within too', () => {
    const folder = makeRepository();
    git(folder, 'remote', 'add', 'origin', 'https://user:token@host.example/a.git');
    git(folder, 'remote', 'add', 'second', 'https://other.example/b.git');
    const expected = {
      'mlflow.source.git.commit': git(folder, 'rev-parse', 'HEAD'),
      'mlflow.source.git.branch': 'main/line',
      'mlflow.source.git.repoURL': 'https://host.example/a.git',
    };
    expect(readGitTags(folder)).toEqual(expected);
    const deep = path.join(folder, 'a', 'b');
    fs.mkdirSync(deep, { recursive: true });
    expect(readGitTags(deep)).toEqual(expected);
  });

  test('are found among packed references, and in worktrees', () => {
    const folder = makeRepository();
    git(folder, 'remote', 'add', 'origin', 'git@host.example:a/b.git');
    git(folder, 'pack-refs', '--all');
    const commit = git(folder, 'rev-parse', 'HEAD');
    expect(readGitTags(folder)['mlflow.source.git.commit']).toBe(commit);
    const worktree = path.join(temporaryFolder(), 'tree');
    git(folder, 'worktree', 'add', '--quiet', '-b', 'side', worktree);
    git(worktree, 'commit', '--quiet', '--allow-empty', '-m', 'b');
    expect(readGitTags(worktree)).toEqual({
      'mlflow.source.git.commit': git(worktree, 'rev-parse', 'HEAD'),
      'mlflow.source.git.branch': 'side',
      'mlflow.source.git.repoURL': 'git@host.example:a/b.git',
    });
    expect(git(worktree, 'rev-parse', 'HEAD')).not.toBe(commit);
  });

  test('have no branch where none is checked out', () => {
    const folder = makeRepository();
    git(folder, 'checkout', '--quiet', '--detach');
    expect(readGitTags(folder)).toEqual({ 'mlflow.source.git.commit': git(folder, 'rev-parse', 'HEAD') });
  });

  test('are none without a commit, a repository, or with files that are not git’s', () => {
    const empty = temporaryFolder();
    git(empty, 'init', '--quiet');
    expect(readGitTags(empty)).toEqual({});
    expect(readGitTags(temporaryFolder())).toEqual({});
    const broken = temporaryFolder();
    fs.writeFileSync(path.join(broken, '.git'), 'nonsense');
    expect(readGitTags(broken)).toEqual({});
    fs.rmSync(path.join(broken, '.git'));
    fs.mkdirSync(path.join(broken, '.git', 'HEAD'), { recursive: true });
    expect(readGitTags(broken)).toEqual({});
  });
});

describe('the tags of the lock file', () => {
  test('name the nearest one and its content', () => {
    const folder = temporaryFolder();
    expect(readLockFileTags(folder)).toEqual({});
    fs.writeFileSync(path.join(folder, 'yarn.lock'), 'abc');
    const deep = path.join(folder, 'a', 'b');
    fs.mkdirSync(deep, { recursive: true });
    expect(readLockFileTags(deep)).toEqual({
      'autolog.lockFile.name': 'yarn.lock',
      'autolog.lockFile.sha256': 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    });
    fs.mkdirSync(path.join(folder, 'package-lock.json'));
    expect(readLockFileTags(folder)['autolog.lockFile.name']).toBe('yarn.lock');
  });
});

test('MLFLOW_RUN_CONTEXT adds tags, when it is a JSON object', () => {
  try {
    process.env.MLFLOW_RUN_CONTEXT = '{"job": 7, "mlflow.source.name": "job.py"}';
    expect(environmentTags()).toEqual({ job: '7', 'mlflow.source.name': 'job.py' });
    process.env.MLFLOW_RUN_CONTEXT = 'no JSON';
    expect(environmentTags()).toEqual({});
  } finally {
    delete process.env.MLFLOW_RUN_CONTEXT;
  }
});

test('a run of autologging gets the tags of the lock file later, as reading it takes time', () => {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, 'package-lock.json'), '{}');
  const source = path.resolve(import.meta.dirname, '../../src/tracking');
  fs.writeFileSync(
    path.join(folder, 'program.mjs'),
    `import { setTimeout as sleep } from 'node:timers/promises';
     import { beginRun } from '${source}/fluent/runs.ts';
     import { getRun } from '${source}/fluent/stored-runs.ts';
     const run = beginRun();
     await sleep(10);
     const { tags } = await getRun(run.runId);
     console.log(JSON.stringify([run.tags, tags].map((it) => it['autolog.lockFile.name'] ?? null)));`,
  );
  const env = { ...process.env, MLFLOW_TRACKING_URI: '' };
  const output = execFileSync(process.execPath, ['program.mjs'], { cwd: folder, env, encoding: 'utf8' });
  expect(JSON.parse(output)).toEqual([null, 'package-lock.json']);
});

test('a run has the tags of the program’s repository and lock file', () => {
  const folder = makeRepository();
  fs.writeFileSync(path.join(folder, 'package-lock.json'), '{}');
  const source = path.resolve(import.meta.dirname, '../../src/tracking');
  fs.writeFileSync(
    path.join(folder, 'program.mjs'),
    `import { startRun } from '${source}/fluent/runs.ts';
     console.log(JSON.stringify(startRun().tags));`,
  );
  const env = { ...process.env, MLFLOW_RUN_CONTEXT: '{"job":"7"}' };
  const output = execFileSync(process.execPath, ['program.mjs'], { cwd: folder, env, encoding: 'utf8' });
  expect(JSON.parse(output)).toMatchObject({
    'mlflow.source.name': 'program.mjs',
    'mlflow.source.git.commit': git(folder, 'rev-parse', 'HEAD'),
    'mlflow.source.git.branch': 'main/line',
    'autolog.lockFile.name': 'package-lock.json',
    job: '7',
  });
});
