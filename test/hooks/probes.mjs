import { createRequire } from 'node:module';
import 'openai';
import { compileProbe } from '../../src/patching/loading/compile-probe.ts';
import { hookProbe } from '../../src/patching/loading/hook-probe.ts';
import { createInspectorProbe } from '../../src/patching/loading/inspector-probe.ts';
import { printAtExit } from './recorder.mjs';

const require = createRequire(import.meta.url);
const loaded = require.resolve('openai').replace(/index\.js$/, 'index.mjs');
const absent = require.resolve('@langchain/core/callbacks/manager').replace(/\.cjs$/, '.js');
const { default: OpenAI } = await import('openai');

function outcomes(probe) {
  const found = probe(loaded);
  return { loaded: found.state, isLive: found.exports?.OpenAI === OpenAI, absent: probe(absent).state };
}

const probes = {
  compile: outcomes(compileProbe),
  hook: outcomes(hookProbe),
  inspector: outcomes(createInspectorProbe()),
};
const { CallbackManager } = await import('@langchain/core/callbacks/manager');
printAtExit(() => ({ probes, loadsAfterwards: typeof CallbackManager, leftInCache: loaded in require.cache }));
