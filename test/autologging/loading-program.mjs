import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

// Takes the folder of the sources, the options of `autolog()` as JSON, and what to do in order: to load a copy of the
// library (`import`, `require`, each also `-other` for the version that a dependency brings), or to enable (`autolog`).
// Prints which copies were logged when each was called at once, and again at the end.
const require = createRequire(import.meta.url);
const [sources, options, ...steps] = process.argv.slice(2);

const spans = [];
const copies = {};

const load = {
  import: () => import('greeter'),
  'import-other': () => import('dependent'),
  require: () => require('greeter'),
  'require-other': () => require('dependent'),
};

for (const step of steps) {
  if (step === 'autolog') await enable();
  else {
    const { Greeter } = await load[step]();
    copies[step] = new Greeter(step);
    copies[step].greet('now');
  }
}
const atOnce = logged();
for (const copy of Object.values(copies)) copy.greet('later');
const atEnd = logged();
process.stdout.write(`${JSON.stringify({ atOnce, atEnd })}\n`);

async function enable() {
  const source = (file) => import(pathToFileURL(path.join(sources, file)).href);
  const { autolog } = await source('src/index.ts');
  const { autologgingIntegration } = await source('src/integration.ts');
  const { connectTracing } = await source('src/tracing/tracer.ts');
  const sink = { append: (record) => record.op === 'span' && spans.push(record) };
  connectTracing(() => ({ sink, experiment: { id: '0' }, metadata: {} }));
  autologgingIntegration('greeter', {
    packages: { greeter: '>=1 <3' },
    patches: [{ target: 'Greeter.prototype.greet', span: { name: 'greet', type: 'TOOL' } }],
  });
  autolog(JSON.parse(options));
}

function logged() {
  return spans.splice(0).map(({ attributes }) => attributes['mlflow.spanOutputs'].split(',')[0]);
}
