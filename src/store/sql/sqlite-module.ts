import type * as SqliteModule from 'node:sqlite';

/**
 * Loads `node:sqlite` and keeps its ExperimentalWarning from the terminal; every other warning passes.
 *
 * Node before 24.15 announces the module with `process.emitWarning` while it is loaded, so the function stands aside
 * for that one synchronous call and is put back exactly as it was.
 */
export function loadSqlite(): typeof SqliteModule {
  const descriptor = Object.getOwnPropertyDescriptor(process, 'emitWarning');
  if (!descriptor?.configurable || typeof descriptor.value !== 'function')
    return process.getBuiltinModule('node:sqlite');
  const emitWarning: (...args: unknown[]) => void = descriptor.value;
  Object.defineProperty(process, 'emitWarning', {
    ...descriptor,
    value: (...args: unknown[]) => {
      if (args[1] === 'ExperimentalWarning' && String(args[0]).startsWith('SQLite ')) return;
      Reflect.apply(emitWarning, process, args);
    },
  });
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    Object.defineProperty(process, 'emitWarning', descriptor);
  }
}
