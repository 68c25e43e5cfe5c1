import type { Session } from 'node:inspector';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { type Probe, readOutcome, requireWithoutTrace } from './probe.ts';

const require = createRequire(import.meta.url);

/**
 * Makes a probe from the list of scripts that V8 holds now; it knows nothing of what is loaded later.
 *
 * The last resort: 30 to 400 ms by the number of scripts.
 *
 * @throws {Error} where the inspector is missing or refused, as under `--permission`
 */
export function createInspectorProbe(): Probe {
  const urls = loadedScripts();
  return (file) =>
    urls.has(pathToFileURL(file).href) ? readOutcome(() => requireWithoutTrace(file)) : { state: 'absent' };
}

function loadedScripts(): ReadonlySet<string> {
  const inspector: typeof import('node:inspector') = require('node:inspector');
  const session: Session = new inspector.Session();
  const urls = new Set<string>();
  session.connect();
  try {
    session.on('Debugger.scriptParsed', ({ params }) => urls.add(params.url));
    session.post('Debugger.enable');
    session.post('Debugger.disable');
  } finally {
    session.disconnect();
  }
  return urls;
}
