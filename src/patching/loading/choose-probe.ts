import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inMicrotask } from '../../clock.ts';
import { compileProbe } from './compile-probe.ts';
import { hookProbe } from './hook-probe.ts';
import { createInspectorProbe } from './inspector-probe.ts';
import type { LoadedBy } from './loaded-module.ts';
import type { Probe } from './probe.ts';
import { probeSelfUrl, probeToken } from './probe-self.ts';
import { sharedState } from './shared-state.ts';
import { currentTier } from './tier.ts';

/** A probe that is fit for this process. */
export interface ChosenProbe {
  readonly probe: Probe;
  readonly how: LoadedBy;
}

const CANDIDATES: Readonly<Record<string, Probe>> = { compile: compileProbe, hook: hookProbe };

let inspected: Probe | null = null;

/** Chooses the cheapest probe that tells loaded from absent rightly in this process; null where none does. */
export function chooseProbe(): ChosenProbe | null {
  const state = sharedState();
  state.probe ??=
    isSandbox() || currentTier() === 'foreign'
      ? 'none'
      : (Object.keys(CANDIDATES).find(passesSelfTest) ?? 'inspector');
  const probe = CANDIDATES[state.probe];
  if (probe !== undefined) return { probe, how: 'probe' };
  if (state.probe === 'none') return null;
  try {
    return { probe: inspectorProbe(), how: 'inspector' };
  } catch {
    // ERR_ACCESS_DENIED under --permission, or a Node built without the inspector.
    state.probe = 'none';
    return null;
  }
}

/** In the vm contexts of test runners, Node's own modules are not the ones that the program has loaded. */
function isSandbox(): boolean {
  return !(createRequire instanceof Function);
}

/** One list of scripts serves all watches that begin in the same turn. */
function inspectorProbe(): Probe {
  if (inspected === null) {
    inspected = createInspectorProbe();
    inMicrotask(() => {
      inspected = null;
    });
  }
  return inspected;
}

/** Both probes rest on the order in which Node looks into its caches, which no documentation promises. */
function passesSelfTest(name: string): boolean {
  const probe = CANDIDATES[name];
  if (probe === undefined) return false;
  try {
    const absent = path.join(import.meta.dirname ?? process.cwd(), 'never-loaded.mjs');
    return probe(absent).state === 'absent' && findsItself(probe);
  } catch {
    // A sandbox without the loader's parts, such as the vm pools of test runners.
    return false;
  }
}

function findsItself(probe: Probe): boolean {
  const file = probeSelfUrl?.startsWith('file:') ? fileURLToPath(probeSelfUrl) : null;
  // In a bundle there is no file of that name to find, and the negative half of the test must do.
  if (file === null || !path.basename(file).startsWith('probe-self.') || !existsSync(file)) return true;
  if (tokenOf(probe, file) === probeToken) return true;
  const loaded = tokenLoadedByNode(file);
  return loaded !== undefined && tokenOf(probe, file) === loaded;
}

function tokenOf(probe: Probe, file: string): unknown {
  const outcome = probe(file);
  return outcome.state === 'loaded' ? Reflect.get(Object(outcome.exports), 'probeToken') : null;
}

/** Where a runner has inlined or transpiled this package, Node's own cache holds its files only after this. */
function tokenLoadedByNode(file: string): unknown {
  const require = createRequire(import.meta.url);
  try {
    return require(file).probeToken;
  } finally {
    delete require.cache[file];
  }
}
