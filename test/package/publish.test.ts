import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { beforeAll, describe, expect, it } from 'vitest';
import { type PackedPackage, packPackage, ROOT } from './packed-package.ts';

describe('what would be published', () => {
  let packed: PackedPackage;

  beforeAll(async () => {
    packed = await packPackage(process.cwd());
  });

  it('has nothing that publint reports', async () => {
    const manifest = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    const { buffer } = new Uint8Array(fs.readFileSync(packed.file));
    const { messages } = await publint({ pack: { tarball: buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
  });

  it('has types that agree with its code everywhere, says attw', async () => {
    const args = ['--format', 'json', '--no-definitely-typed', '--entrypoints', ...entryPoints()];
    const { problems, entrypoints } = await attw([packed.file, ...args]);
    expect(Object.keys(entrypoints).length).toBe(entryPoints().length);
    expect(problems.filter((problem) => !isExpected(problem))).toEqual([]);
  });
});

interface Problem {
  readonly kind: string;
  readonly resolutionKind?: string;
}

/**
 * Two findings follow from what the package is. CJSResolvesToESM: every Node that it supports (22.15 and later) loads
 * ES modules with `require`. NoResolution under node10: that resolution reads no `exports`, and belongs to Node 10.
 */
function isExpected({ kind, resolutionKind }: Problem): boolean {
  return kind === 'CJSResolvesToESM' || (kind === 'NoResolution' && resolutionKind === 'node10');
}

/** Subpaths of the package that hold code: those of package.json, and every integration for the wildcard. */
function entryPoints(): string[] {
  const manifest = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const named = Object.keys(manifest.exports).filter(
    (name) => manifest.exports[name] !== null && !/[*]|\.json$/.test(name),
  );
  const integrations = fs
    .readdirSync(path.join(ROOT, 'integrations'))
    .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
    .map((file) => `./${path.basename(file, '.ts')}`);
  return [...named, ...integrations];
}

async function attw(args: readonly string[]): Promise<{ problems: Problem[]; entrypoints: object }> {
  // It ends itself before a pipe has taken all that it writes; a file takes it at once.
  const file = path.join(process.cwd(), 'attw.json');
  const output = fs.openSync(file, 'w');
  const attw = spawn(path.join(ROOT, 'node_modules/.bin/attw'), [...args], {
    stdio: ['ignore', output, 'inherit'],
  });
  // Findings make the exit code 1, so that it says nothing here.
  await once(attw, 'close');
  fs.closeSync(output);
  return JSON.parse(fs.readFileSync(file, 'utf8')).analysis;
}
