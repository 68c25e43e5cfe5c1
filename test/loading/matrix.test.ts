import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, it } from 'vitest';
import { requireInstalled } from '../support/requirements.ts';
import { makeInstalledProject } from './installed-project.ts';
import { LANGUAGES, type Language, ORDERS, type Order, reachOf } from './orders.ts';
import { NODES, NOTHING, type Outcome, runInProject } from './run-in-project.ts';

const tools = requireInstalled('tools');
const TSX = pathToFileURL(path.join(tools.modules, 'tsx/dist/loader.mjs')).href;

const ALL = { openai: 2, langchain: 2, tfjs: 2 };

let project: string;

beforeAll(async () => {
  project = await makeInstalledProject();
});

describe.for(NODES)('on Node $version', { concurrent: true }, ({ binary, version }) => {
  const run = (order: Order, language: Language): Promise<Outcome> => {
    const folder = fs.mkdtempSync(path.join(project, 'program-'));
    const file = path.join(folder, `program.${language.extension}`);
    const types = language.extension.endsWith('ts') ? 'export type Size = number;\n' : '';
    fs.writeFileSync(file, order.source + types);
    const args = [...language.flags({ version, tsx: TSX }), ...order.flags, file];
    return runInProject(project, { binary, args });
  };

  for (const language of LANGUAGES) {
    for (const order of ORDERS.filter(({ system }) => system === language.system)) {
      const reach = reachOf(order, language, version);
      const needsTools = language.name.includes('tsx');
      const title = `${language.name}: ${needsTools ? tools.title(order.name) : order.name}`;
      const test = it.skipIf(needsTools && tools.isMissing);
      if (reach === 'all') {
        test(`${title}: logs every call`, async ({ expect }) => {
          const { status, stdout, stderr, logged } = await run(order, language);
          expect({ status, stdout, stderr, logged }).toEqual({ status: 0, stdout: '', stderr: '', logged: ALL });
        });
      } else if (reach === 'later') {
        test(`${title}: logs later calls, and says so once for each library`, async ({ expect }) => {
          const { stderr, logged, status } = await run(order, language);
          const missed = Object.entries(logged).filter(([, count]) => count < 2);
          expect(status).toBe(0);
          expect(new Set(missed.map(([, count]) => count))).toEqual(new Set([1]));
          expect(stderr.trim().split('\n').sort()).toEqual(missed.map(([name]) => sentence(name, version)).sort());
        });
      } else {
        test(`${title}: fails, as it does with any package of ES modules`, async ({ expect }) => {
          const { status, logged, stderr } = await run(order, language);
          expect({ status, logged }).toEqual({ status: 1, logged: NOTHING });
          const flags = order.flags.map((flag) => flag.replace('autolog/register', 'two-es-modules'));
          const other = { ...order, flags, source: "require('two-es-modules');\n" };
          expect(codeOf((await run(other, language)).stderr)).toBe(codeOf(stderr));
        });
      }
    }
  }
});

function sentence(name: string, version: string): string {
  return `autolog: ${name}: calls made while the program was still loading may be missing, because Node ${version} has no hook for them; use Node 22.22.3, 24.11.1 or later, or call autolog() after the imports`;
}

function codeOf(stderr: string): string | undefined {
  return /ERR_\w+/.exec(stderr)?.[0];
}
