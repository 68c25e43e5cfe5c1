import { createRequire } from 'node:module';

const manifest = createRequire(import.meta.url)(
  import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json',
) as { version: string };

/** Version of this package. */
export const VERSION: string = manifest.version;
