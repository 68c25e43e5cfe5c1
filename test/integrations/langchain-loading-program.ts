/**
 * Runs a chain in a program that never imports the callback manager itself, and prints the spans of it.
 *
 * Arguments: a file of the project whose @langchain/core is used, `import` or `require`, and whether autologging is
 * enabled `before` or `after` the library is loaded.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { integrations } from '../../integrations/index.ts';
import { enableIntegration, registerEntry } from '../../src/autologging/registry.ts';
import { recordSpans } from './langchain-setup.ts';

const [project = '', how, when] = process.argv.slice(2);

const recorded = recordSpans();
const require = createRequire(project);

function enable(): void {
  for (const entry of integrations) registerEntry(entry);
  enableIntegration('langchain', {});
}

async function load(subpath: string) {
  if (how === 'require') return require(`@langchain/core/${subpath}`);
  const file = require.resolve(`@langchain/core/${subpath}`).replace(/\.cjs$/, '.js');
  return import(pathToFileURL(file).href);
}

if (when === 'before') enable();
const { RunnableLambda } = await load('runnables');
const { FakeListChatModel } = await load('utils/testing');
if (when === 'after') enable();

const chain = RunnableLambda.from((text: string) => text).pipe(new FakeListChatModel({ responses: ['yes'] }));
await chain.invoke('may I?');
console.log(JSON.stringify(recorded.tree()));
