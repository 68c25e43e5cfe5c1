import { pathToFileURL } from 'node:url';
import type { Switched } from './case.ts';
import type { Order } from './order.ts';

type Resolve = Pick<NodeJS.Require, 'resolve'> & ((id: string) => unknown);

/** Makes a function that loads the library's modules in the way and from the folder that the order says. */
export function createLoader(
  { loading, aliases, root }: Order,
  require: Resolve,
  { afterLoad }: Switched,
): (specifier: string) => Promise<unknown> {
  return async (specifier) => {
    const target = withAlias(specifier, aliases);
    const exports = loading === 'require' ? require(target) : await importFrom(root, target);
    await afterLoad?.(exports, specifier);
    return exports;
  };
}

async function importFrom(root: string, specifier: string): Promise<unknown> {
  const { importHere } = (await import(pathToFileURL(`${root}/import-here.mjs`).href)) as {
    importHere(id: string): Promise<unknown>;
  };
  return importHere(specifier);
}

function withAlias(specifier: string, aliases: Order['aliases']): string {
  for (const [name, alias] of Object.entries(aliases)) {
    if (specifier === name || specifier.startsWith(`${name}/`)) return alias + specifier.slice(name.length);
  }
  return specifier;
}
