import { readdirSync } from 'node:fs';
import type { Subject } from './case.ts';

/** What everything is compared with: the library alone, loaded by `import` or by `require`. */
export function nativeSubject(loading: Subject['loading']): Subject {
  return { id: 'native', title: 'native', loading, nodeArgs: [] };
}

/** This package. */
export function autologSubject(loading: Subject['loading']): Subject {
  return { id: 'autolog', title: 'autolog', loading, nodeArgs: [] };
}

/** A subject file of `bench/peers/subjects`. */
export interface Peer extends Subject {
  readonly packages: readonly string[];
  readonly setting: string;
  readonly libraries: readonly string[];
}

const PARTS = new Set(['sink.mjs', 'otel.mjs', 'braintrust-rows.mjs']);

/** Reads the peers that trace a library. */
export async function readPeers(library: string): Promise<Peer[]> {
  const folder = new URL('../../bench/peers/subjects/', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('.mjs') && !PARTS.has(name));
  const peers = await Promise.all(
    files.map(async (file) => {
      const { title, loading, nodeArgs, packages, setting, libraries } = (await import(
        new URL(file, folder).href
      )) as Omit<Peer, 'id'>;
      return { id: file.slice(0, -'.mjs'.length), title, loading, nodeArgs, packages, setting, libraries };
    }),
  );
  return peers
    .filter(({ libraries }) => libraries.includes(library))
    .sort((a, b) => a.title.localeCompare(b.title));
}
