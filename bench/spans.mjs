import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTrackingUri, shutdown, withSpan } from '../dist/src/index.js';

const COUNT = 20_000;

const INPUTS = {
  model: 'gpt',
  temperature: 0,
  messages: [{ role: 'user', content: 'What is the capital of France? '.repeat(4) }],
};
const OUTPUTS = {
  choices: [{ message: { role: 'assistant', content: 'Paris. '.repeat(20) } }],
  usage: { input_tokens: 30, output_tokens: 40, total_tokens: 70 },
};

/** Time of one span from its begin to where it is in the journal, µs: the function in it does nothing. */
export async function measureSpans() {
  const folder = mkdtempSync(join(tmpdir(), 'autolog-bench-'));
  setTrackingUri(`sqlite:///${join(folder, 'mlflow.db')}`);
  const chat = { type: 'CHAT_MODEL', inputs: INPUTS };
  const results = [
    inTrace('span in a trace, without content', () => withSpan({ name: 'leaf' }, nothing), '<= 10'),
    inTrace('span in a trace, a chat of 1 kB', () => withSpan({ name: 'leaf', ...chat }, () => OUTPUTS), '<= 10'),
    measured('trace of one span, without content', () => withSpan({ name: 'root' }, nothing)),
    measured('trace of one span, a chat of 1 kB', () => withSpan({ name: 'root', ...chat }, () => OUTPUTS)),
    measured('trace of one span, not sampled', () =>
      withSpan({ name: 'root', samplingRatio: 0, ...chat }, () => OUTPUTS),
    ),
  ].flat();
  await shutdown();
  rmSync(folder, { recursive: true, force: true });
  return results;
}

function nothing() {
  return undefined;
}

function inTrace(name, fn, aim) {
  return withSpan({ name: 'root' }, () => measured(name, fn, aim));
}

function measured(name, fn, aim) {
  for (let index = 0; index < COUNT / 10; index++) fn();
  const times = new Float64Array(COUNT);
  for (let index = 0; index < COUNT; index++) {
    const startedAt = process.hrtime.bigint();
    fn();
    times[index] = Number(process.hrtime.bigint() - startedAt) / 1000;
  }
  times.sort();
  const at = (share) => times[Math.floor(COUNT * share)];
  return [
    { name: `${name}, median`, value: at(0.5), unit: 'µs', ...(aim && { aim }) },
    { name: `${name}, p99`, value: at(0.99), unit: 'µs' },
  ];
}
