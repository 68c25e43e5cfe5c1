import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Library } from './library-body.js';

export type { Library } from './library-body.js';

/** A package in a folder of its own, as a program has it in `node_modules`. */
export interface LibraryPackage {
  readonly name: string;
  /** Folder that has the package in its `node_modules`. */
  readonly folder: string;
  /** Loads the CommonJS build. */
  require(): Library;
}

/** Which package is made. */
export interface LibraryOptions {
  /** @default a name that no other call has given */
  readonly name?: string;
  /** @default '1.2.0' */
  readonly version?: string;
  /** Folder to put it into. @default a new one in the working folder */
  readonly folder?: string;
}

const BODY = fs.readFileSync(path.join(import.meta.dirname, 'library-body.js'), 'utf8');
const NAMES = [...BODY.matchAll(/^export (?:class|function|const) (\w+)/gm)].map(([, name]) => name);

let count = 0;

/** Makes a package with a CommonJS and an ES module build of the library in `library-body.js`. */
export function makeLibrary(options: LibraryOptions = {}): LibraryPackage {
  count += 1;
  const { name = `library-${count}`, version = '1.2.0', folder = fs.mkdtempSync(path.resolve('app-')) } = options;
  const root = path.join(folder, 'node_modules', name);
  fs.mkdirSync(root, { recursive: true });
  const exports = { '.': { import: './index.mjs', require: './index.cjs' } };
  fs.writeFileSync(path.join(root, 'package.json'), JSON.stringify({ name, version, exports }));
  fs.writeFileSync(path.join(root, 'index.mjs'), BODY);
  const commonJs = `${BODY.replaceAll(/^export /gm, '')}\nmodule.exports = { ${NAMES.join(', ')} };\n`;
  fs.writeFileSync(
    path.join(root, 'index.cjs'),
    commonJs.replace(/^import .* from 'node:events';$/m, 'const { EventEmitter } = require("node:events");'),
  );
  const require = createRequire(path.join(folder, 'app.cjs'));
  return { name, folder, require: () => require(name) as Library };
}
