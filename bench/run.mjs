// npm run bench [-- --json <file>]
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { measureCalls } from './calls.mjs';
import { measureLogMetric } from './log-metric.mjs';
import { measureSpans } from './spans.mjs';
import { measureStartUp } from './start-up.mjs';
import { measureTraining } from './training.mjs';

const { values } = parseArgs({ options: { json: { type: 'string', default: 'bench/results/latest.json' } } });

const parts = [measureCalls, measureLogMetric, measureSpans, measureStartUp, measureTraining];
const results = [];
for (const part of parts) {
  process.stderr.write(`${part.name} …\n`);
  results.push(...(await part()));
}

console.table(
  Object.fromEntries(
    results.map(({ name, value, unit, aim, note }) => [
      name,
      { value: Number(value.toPrecision(4)), unit, aim, met: meets(value, aim), note },
    ]),
  ),
);
const machine = {
  node: process.versions.node,
  cpu: os.cpus()[0]?.model,
  cores: os.availableParallelism(),
  platform: process.platform,
};
mkdirSync(dirname(values.json), { recursive: true });
writeFileSync(values.json, `${JSON.stringify({ at: new Date().toISOString(), machine, results }, null, 2)}\n`);
console.log(`written to ${values.json}`);

function meets(value, aim) {
  if (aim === undefined) return '';
  return value <= Number(aim.replace('<= ', '')) ? 'yes' : 'NO';
}
