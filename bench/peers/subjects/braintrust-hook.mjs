import { startLogger } from './braintrust-rows.mjs';

export const title = 'Braintrust (hook)';
export const packages = ['braintrust'];
export const setting = '`node --import braintrust/hook.mjs`, the library loaded by `import`';
export const libraries = ['openai', 'langchain'];
export const loading = 'import';
export const nodeArgs = ['--import', import.meta.resolve('braintrust/hook.mjs')];

export async function start(options) {
  return startLogger(await import('braintrust'), options);
}
