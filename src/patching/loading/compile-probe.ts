import Module from 'node:module';
import { type Probe, readOutcome, UNPARSABLE } from './probe.ts';

interface CompilingModule {
  filename: string;
  exports: unknown;
  /** The third argument is not documented: seen in Node 20.19 to 26.10, and checked by the self-test. */
  _compile(source: string, file: string, format: 'module'): void;
}

/**
 * Asks by compiling an unparsable text under the file's name: Node looks into its cache of ES modules first, and
 * answers from there without reading the text.
 */
export const compileProbe: Probe = (file) =>
  readOutcome(() => {
    const asker = new Module(file) as unknown as CompilingModule;
    asker.filename = file;
    asker._compile(UNPARSABLE, file, 'module');
    return asker.exports;
  });
