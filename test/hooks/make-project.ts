import { cpSync, mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const PACKAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  greeter: {
    'package.json': JSON.stringify({
      name: 'greeter',
      version: '1.2.3',
      exports: {
        '.': { import: './es/index.js', require: './index.js' },
        './extra': { import: './es/extra.js' },
      },
    }),
    'index.js': 'exports.Greeter = class Greeter {};',
    'es/package.json': '{ "type": "module" }',
    'es/index.js': 'export class Greeter {}',
    'es/extra.js': "export { Greeter } from './index.js'; export class Extra {}",
  },
  waiting: {
    'package.json': JSON.stringify({ name: 'waiting', version: '1.0.0', type: 'module', main: 'index.js' }),
    'index.js': 'await new Promise((resolve) => setTimeout(resolve, 50)); export class Waiter {}',
  },
  failing: {
    'package.json': JSON.stringify({ name: 'failing', version: '1.0.0', type: 'module', main: 'index.js' }),
    'index.js': "export const value = 1; throw new Error('this module throws');",
  },
};

/** Makes a project in a temporary folder: the programs of `in-temp`, and packages that are linked, not copied, into it. */
export function makeProject(): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'autolog-loading-')));
  cpSync(path.join(import.meta.dirname, 'in-temp'), path.join(folder, 'app'), { recursive: true });
  mkdirSync(path.join(folder, 'app', 'node_modules'));
  for (const [name, files] of Object.entries(PACKAGES)) {
    const root = path.join(folder, 'packages', name);
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      writeFileSync(path.join(root, file), text);
    }
    symlinkSync(root, path.join(folder, 'app', 'node_modules', name), 'dir');
  }
  copySources(path.join(folder, 'copy'));
  return folder;
}

/** A second copy of the layer under test, as two versions of this package would be in one program. */
function copySources(folder: string): void {
  const own = path.join(import.meta.dirname, '..', '..');
  for (const source of [
    'src/patching/loading',
    'src/clock.ts',
    'src/errors.ts',
    'src/failures.ts',
    'package.json',
  ]) {
    cpSync(path.join(own, source), path.join(folder, source), { recursive: true });
  }
  symlinkSync(path.join(own, 'node_modules'), path.join(folder, 'node_modules'), 'dir');
}
