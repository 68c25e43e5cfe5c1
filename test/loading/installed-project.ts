import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { packPackage, ROOT } from '../package/packed-package.ts';

const execute = promisify(execFile);

/** Packages of the project beside this one, under the names and versions that the tests of integrations use. */
const LIBRARIES = [
  'openai',
  'openai-5',
  'openai-6',
  '@langchain/core',
  '@langchain/openai',
  '@tensorflow/tfjs',
] as const;

/**
 * Makes a project in which this package, packed, and the libraries are installed by npm; once for all test files of a
 * run, below the folder that they share.
 */
export async function makeInstalledProject(): Promise<string> {
  const folder = path.resolve(process.cwd(), '..', 'installed-project');
  if (fs.existsSync(folder)) return folder;
  const draft = path.join(process.cwd(), 'installed-project');
  fs.mkdirSync(draft);
  fs.writeFileSync(path.join(draft, 'package.json'), '{ "name": "program", "private": true }\n');
  const { file } = await packPackage(process.cwd());
  const quiet = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps'];
  const libraries = LIBRARIES.map((name) => `${name}@${declared(name)}`);
  await execute('npm', ['install', ...quiet, file, ...libraries], { cwd: draft });
  fs.copyFileSync(file, tarballIn(draft));
  makePackage(draft);
  fs.cpSync(path.join(import.meta.dirname, 'programs'), draft, { recursive: true });
  try {
    fs.renameSync(draft, folder);
  } catch (error) {
    // Another test file was quicker: its project is the same.
    if (!fs.existsSync(folder)) throw error;
  }
  return folder;
}

/** A package of ES modules that is none of ours, to see what a runtime makes of any. */
function makePackage(project: string): void {
  const root = path.join(project, 'node_modules/two-es-modules');
  fs.mkdirSync(root);
  fs.writeFileSync(
    path.join(root, 'package.json'),
    '{ "name": "two-es-modules", "type": "module", "main": "one.js" }',
  );
  fs.writeFileSync(path.join(root, 'one.js'), "import './two.js';\n");
  fs.writeFileSync(path.join(root, 'two.js'), '');
}

/** This package, packed, as it was installed into a project. */
export function tarballIn(project: string): string {
  return path.join(project, 'autolog.tgz');
}

/** Version or alias under which the project beside this one depends on a package. */
export function declared(name: string): string {
  const { devDependencies } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  return devDependencies[name];
}
