import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, it } from 'vitest';
import { ROOT } from '../package/packed-package.ts';
import { requireInstalled } from '../support/requirements.ts';
import { declared, makeInstalledProject, tarballIn } from './installed-project.ts';
import { NODES, runInProject } from './run-in-project.ts';

const execute = promisify(execFile);
const TOOLS = path.join(ROOT, 'test/tools/node_modules/.bin');

/** Programs that load what they use in both module systems, before `autolog()` and after. */
const BEFORE_ESM = (names: readonly string[]): string => `${imports(names)}
import { useLibraries } from './use-libraries.cjs';
import { autolog } from 'autolog';
autolog();
${uses(names)}`;

const AFTER_ESM = (names: readonly string[]): string => `import { useLibraries } from './use-libraries.cjs';
import { autolog } from 'autolog';
autolog();
${dynamicImports(names)}
${uses(names)}`;

const BEFORE_CJS = (names: readonly string[]): string => `${requires(names)}
const { useLibraries } = require('./use-libraries.cjs');
require('autolog').autolog();
${uses(names)}`;

const AFTER_CJS = (names: readonly string[]): string => `require('autolog').autolog();
${requires(names)}
const { useLibraries } = require('./use-libraries.cjs');
${uses(names)}`;

const PROGRAMS = [
  { name: 'imported before', extension: 'mjs', source: BEFORE_ESM },
  { name: 'imported after', extension: 'mjs', source: AFTER_ESM },
  { name: 'required before', extension: 'cjs', source: BEFORE_CJS },
  { name: 'required after', extension: 'cjs', source: AFTER_CJS },
];

const tools = requireInstalled('tools');

/** Layouts of installed packages, made by the package managers themselves. */
const LAYOUTS = [
  {
    name: 'versions side by side, as npm installs aliases',
    make: makeInstalledProject,
    openai: ['openai', 'openai-5', 'openai-6'],
    flags: [],
    needs: null,
  },
  {
    name: "pnpm's store of links",
    make: () => installWith('pnpm', ['pnpm', 'install', '--ignore-scripts', '--no-frozen-lockfile']),
    openai: ['openai', 'openai-6'],
    flags: [],
    needs: tools,
  },
  {
    name: "Yarn's Plug'n'Play",
    make: () => installWith('yarn-pnp', ['yarn', 'install', '--no-immutable']),
    openai: ['openai', 'openai-6'],
    flags: ['--require', './.pnp.cjs', '--experimental-loader', './.pnp.loader.mjs', '--no-warnings'],
    needs: tools,
  },
];

for (const { name: layout, make, openai, flags, needs } of LAYOUTS) {
  describe.skipIf(needs?.isMissing)(needs?.title(layout) ?? layout, () => {
    let project: string;

    beforeAll(async () => {
      project = await make();
      for (const program of PROGRAMS) fs.writeFileSync(programFile(project, program), program.source(openai));
    });

    describe.for(NODES)('on Node $version', { concurrent: true }, ({ binary }) => {
      for (const program of PROGRAMS) {
        it(`logs every copy, ${program.name} autolog()`, async ({ expect }) => {
          const args = [...flags.map((flag) => flag.replace('./', `${project}/`)), programFile(project, program)];
          const { status, stderr, logged } = await runInProject(project, { binary, args });
          const counts = { openai: 2 * openai.length, langchain: 2, tfjs: 0 };
          expect({ status, stderr: withoutAdvice(stderr), logged }).toEqual({
            status: 0,
            stderr: '',
            logged: counts,
          });
        });
      }
    });
  });
}

describe('npm', () => {
  let project: string;

  beforeAll(async () => {
    project = await makeInstalledProject();
  });

  describe.for(NODES)('on Node $version', { concurrent: true }, ({ binary }) => {
    it.for(['mjs', 'cjs'])('logs the copy that a package brings along: .%s', async (extension, { expect }) => {
      const args = [path.join(project, `brings-openai.${extension}`)];
      const { status, stderr, logged } = await runInProject(project, { binary, args });
      expect({ status, stderr, logged }).toEqual({
        status: 0,
        stderr: '',
        logged: { openai: 1, langchain: 0, tfjs: 0 },
      });
    });

    it('logs both copies of a package that has one for each module system', async ({ expect }) => {
      const args = [path.join(project, 'both-copies.mjs')];
      const { status, stderr, logged } = await runInProject(project, { binary, args });
      expect({ status, stderr, logged }).toEqual({
        status: 0,
        stderr: '',
        logged: { openai: 4, langchain: 4, tfjs: 2 },
      });
    });

    it('logs libraries of a workspace that is linked into another', async ({ expect }) => {
      const args = [path.join(makeWorkspaces(project), 'app/program.mjs')];
      const { status, stderr, logged } = await runInProject(project, { binary, args });
      expect({ status, stderr, logged }).toEqual({
        status: 0,
        stderr: '',
        logged: { openai: 4, langchain: 2, tfjs: 0 },
      });
    });
  });
});

function programFile(project: string, { name, extension }: { name: string; extension: string }): string {
  return path.join(project, `${name.replace(' ', '-')}.${extension}`);
}

function imports(openai: readonly string[]): string {
  const lines = openai.map((name, index) => `import OpenAI${index} from '${name}';`);
  return [...lines, "import { RunnableLambda } from '@langchain/core/runnables';"].join('\n');
}

function dynamicImports(openai: readonly string[]): string {
  const lines = openai.map((name, index) => `const { default: OpenAI${index} } = await import('${name}');`);
  return [...lines, "const { RunnableLambda } = await import('@langchain/core/runnables');"].join('\n');
}

function requires(openai: readonly string[]): string {
  const lines = openai.map((name, index) => `const OpenAI${index} = require('${name}');`);
  return [...lines, "const { RunnableLambda } = require('@langchain/core/runnables');"].join('\n');
}

function uses(openai: readonly string[]): string {
  const lines = openai.map((_, index) => `void useLibraries({ OpenAI: OpenAI${index} });`);
  return [...lines, 'void useLibraries({ RunnableLambda });', ''].join('\n');
}

/** Installs with another package manager, once for a run of this file. */
async function installWith(name: string, [command = '', ...args]: readonly string[]): Promise<string> {
  const folder = path.join(process.cwd(), name);
  const tarball = tarballIn(await makeInstalledProject());
  const dependencies = {
    ...Object.fromEntries(['openai', 'openai-6', '@langchain/core'].map((each) => [each, declared(each)])),
    autolog: `file:${tarball}`,
  };
  fs.cpSync(path.join(import.meta.dirname, 'programs'), folder, { recursive: true });
  fs.writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({ name: 'program', private: true, dependencies }),
  );
  const { stdout } = await execute('npm', ['config', 'get', 'registry'], { cwd: ROOT });
  const settings = {
    nodeLinker: 'pnp',
    enableGlobalCache: false,
    enableTelemetry: false,
    npmRegistryServer: stdout.trim(),
  };
  fs.writeFileSync(path.join(folder, '.yarnrc.yml'), JSON.stringify(settings));
  fs.writeFileSync(path.join(folder, 'yarn.lock'), '');
  const env = {
    ...process.env,
    CI: 'false',
    YARN_IGNORE_PATH: '1',
    npm_config_store_dir: path.join(process.cwd(), 'store'),
  };
  await execute(path.join(TOOLS, command), args, { cwd: folder, env });
  return folder;
}

/** An npm workspace: a package of the project that is linked into the node_modules of another, with a copy of its own. */
function makeWorkspaces(project: string): string {
  const root = path.join(project, 'workspaces');
  if (fs.existsSync(root)) return root;
  const draft = fs.mkdtempSync(`${root}-`);
  const service = path.join(draft, 'service');
  fs.mkdirSync(path.join(service, 'node_modules'), { recursive: true });
  fs.mkdirSync(path.join(draft, 'app'));
  fs.mkdirSync(path.join(draft, 'node_modules'));
  const manifest = { name: 'service', version: '1.0.0', type: 'module', exports: './index.js' };
  fs.writeFileSync(path.join(service, 'package.json'), JSON.stringify(manifest));
  fs.writeFileSync(path.join(service, 'index.js'), "export { OpenAI as Own } from 'openai';\n");
  fs.cpSync(path.join(project, 'node_modules/openai-6'), path.join(service, 'node_modules/openai'), {
    recursive: true,
  });
  fs.symlinkSync('../service', path.join(draft, 'node_modules/service'), 'dir');
  fs.writeFileSync(
    path.join(draft, 'app/program.mjs'),
    `import { Own } from 'service';
import OpenAI from 'openai';
import { RunnableLambda } from '@langchain/core/runnables';
import { autolog } from 'autolog';
import { useLibraries } from '../../use-libraries.cjs';
autolog();
void useLibraries({ OpenAI: Own });
void useLibraries({ OpenAI, RunnableLambda });
`,
  );
  try {
    fs.renameSync(draft, root);
  } catch (error) {
    if (!fs.existsSync(root)) throw error;
  }
  return root;
}

/** Yarn's own loader is experimental in Node, which says so. */
function withoutAdvice(stderr: string): string {
  return stderr.replaceAll(/^\(node:\d+\) .*ExperimentalWarning.*\n(\(Use .*\n)?/gm, '');
}
