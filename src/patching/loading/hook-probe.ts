import module from 'node:module';
import { pathToFileURL } from 'node:url';
import { type Probe, readOutcome, requireWithoutTrace, UNPARSABLE } from './probe.ts';

/**
 * Asks by `require` of the file while a load hook answers for it with an unparsable text: Node calls the hook only
 * for what is not in its cache. Made of documented parts alone.
 */
export const hookProbe: Probe = (file) => {
  const url = pathToFileURL(file).href;
  const hooks = module.registerHooks({
    resolve: (specifier, context, next) =>
      specifier === file ? { url, format: 'module', shortCircuit: true } : next(specifier, context),
    load: (loaded, context, next) =>
      loaded === url ? { format: 'module', source: UNPARSABLE, shortCircuit: true } : next(loaded, context),
  });
  try {
    return readOutcome(() => requireWithoutTrace(file));
  } finally {
    hooks.deregister();
  }
};
