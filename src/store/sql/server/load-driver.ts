import { createRequire } from 'node:module';
import path from 'node:path';
import { AutologError } from '../../../errors.ts';

/**
 * Loads the package that speaks with a database server: the one beside this package, else the program's.
 *
 * @throws {AutologError} INVALID_STATE, with the name of the package, when it is not installed.
 */
export function loadDriver<Module>(name: string, shown: string): Module {
  for (const place of [import.meta.url, path.join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(place)(name) as Module;
    } catch (error) {
      if (!isMissing(error, name)) throw error;
    }
  }
  throw new AutologError(
    'INVALID_STATE',
    `Cannot use the database '${shown}': the package ${name} is not installed; run \`npm install ${name}\`.`,
  );
}

function isMissing(error: unknown, name: string): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return code === 'MODULE_NOT_FOUND' && String(message).includes(`'${name}'`);
}
