import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');

/** Folder of src → the folders that its files may import; every folder may import the files at the root of src. */
const ARROWS: Record<string, readonly string[]> = {
  entities: [],
  configuration: [],
  http: [],
  store: ['entities', 'http'],
  artifacts: ['entities', 'http'],
  models: ['entities', 'store', 'artifacts'],
  tracing: ['entities', 'configuration', 'http', 'store'],
  tracking: ['entities', 'configuration', 'store', 'artifacts', 'models'],
  patching: [],
  autologging: ['entities', 'configuration', 'store', 'artifacts', 'models', 'tracing', 'tracking', 'patching'],
  server: ['entities', 'http', 'store', 'artifacts'],
  ui: [],
  cli: [
    'entities',
    'configuration',
    'http',
    'store',
    'artifacts',
    'models',
    'tracing',
    'tracking',
    'patching',
    'autologging',
    'server',
    'ui',
  ],
  testing: [
    'entities',
    'configuration',
    'store',
    'artifacts',
    'models',
    'tracing',
    'tracking',
    'patching',
    'autologging',
  ],
};

const FOLDERS = Object.keys(ARROWS);

/** Entry point → the folders that it must not import. */
const ENTRY_POINTS: Record<string, readonly string[]> = {
  'src/index.ts': ['server', 'ui', 'cli', 'testing'],
  'src/register.ts': ['server', 'ui', 'cli', 'testing'],
  'src/integration.ts': ['server', 'ui', 'cli', 'testing', '../integrations'],
};

interface ImportCase {
  readonly specifier: string;
  readonly isForbidden: boolean;
}

/** Fixture file → its imports, one a line. */
const CASES = new Map<string, readonly ImportCase[]>();

for (const [folder, allowed] of Object.entries(ARROWS)) {
  CASES.set(`src/${folder}/fixture.ts`, importsOf(folder, allowed, '..'));
  CASES.set(`src/${folder}/deep/er/fixture.ts`, importsOf(folder, allowed, '../../..'));
}

for (const [file, denied] of Object.entries(ENTRY_POINTS)) {
  const targets = [...FOLDERS, '../integrations'];
  CASES.set(
    file,
    targets.map((target) => ({ specifier: `./${target}/target.ts`, isForbidden: denied.includes(target) })),
  );
}

CASES.set('src/json.ts', [
  { specifier: './errors.ts', isForbidden: false },
  { specifier: './index.ts', isForbidden: true },
  ...FOLDERS.map((folder) => ({ specifier: `./${folder}/target.ts`, isForbidden: true })),
]);

CASES.set('integrations/fixture.ts', [
  { specifier: 'node:path', isForbidden: false },
  { specifier: 'node:fs/promises', isForbidden: false },
  { specifier: '../src/integration.ts', isForbidden: false },
  { specifier: './shapes/target.ts', isForbidden: false },
  { specifier: './fixture/target.ts', isForbidden: false },
  { specifier: './other.ts', isForbidden: true },
  { specifier: './index.ts', isForbidden: true },
  { specifier: 'openai', isForbidden: true },
  { specifier: '@tensorflow/tfjs', isForbidden: true },
  { specifier: '../src/index.ts', isForbidden: true },
  { specifier: '../src/errors.ts', isForbidden: true },
  ...FOLDERS.map((folder) => ({ specifier: `../src/${folder}/target.ts`, isForbidden: true })),
]);

const PART: readonly ImportCase[] = [
  { specifier: './target.ts', isForbidden: false },
  { specifier: '../../src/integration.ts', isForbidden: false },
  { specifier: '../openai.ts', isForbidden: true },
  { specifier: '../other/target.ts', isForbidden: true },
  { specifier: 'openai', isForbidden: true },
  { specifier: '../../src/tracing/target.ts', isForbidden: true },
];

CASES.set('integrations/fixture/part.ts', [...PART, { specifier: '../shapes/target.ts', isForbidden: false }]);
CASES.set('integrations/shapes/fixture.ts', PART);

CASES.set('integrations/index.ts', [
  { specifier: './openai.ts', isForbidden: false },
  { specifier: '../src/integration.ts', isForbidden: false },
  { specifier: '../src/require-source.ts', isForbidden: false },
  { specifier: '../src/autologging/target.ts', isForbidden: true },
]);

describe('the linter', () => {
  let folder: string;
  let reported: Set<string>;

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'autolog-layers-'));
    for (const [file, cases] of CASES) {
      write(
        file,
        cases.map(({ specifier }) => `import '${specifier}';`),
      );
    }
    write('src/entities/first.ts', ["import './second.ts';"]);
    write('src/entities/second.ts', ["import './first.ts';"]);
    fs.copyFileSync(path.join(ROOT, 'biome.json'), path.join(folder, 'biome.json'));
    reported = await lint(folder);
  }, 60_000);

  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  for (const [file, cases] of CASES) {
    it(`holds ${file} to its arrows`, () => {
      const isReported = (line: number) => reported.has(`noRestrictedImports ${file}:${line}`);
      expect(cases.map(({ specifier }, index) => ({ specifier, isForbidden: isReported(index + 1) }))).toEqual(
        cases,
      );
    });
  }

  it('reports a cycle of imports', () => {
    expect(reported).toContain('noImportCycles src/entities/first.ts:1');
    expect(reported).toContain('noImportCycles src/entities/second.ts:1');
  });

  function write(file: string, lines: readonly string[]): void {
    const target = path.join(folder, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, `${lines.join('\n')}\n`);
  }
});

describe('the sources', () => {
  it('have no folder without arrows', () => {
    const folders = fs
      .readdirSync(path.join(ROOT, 'src'), { withFileTypes: true })
      .filter((it) => it.isDirectory());
    expect(folders.map((it) => it.name).filter((name) => !FOLDERS.includes(name))).toEqual([]);
  });

  // The linter does not see `import('./x.ts').Type`, `require('./x.ts')` and `requireSource(from, './x')`.
  it('have no reference that goes round the linter', () => {
    const offences = filesOf('src').flatMap((file) =>
      referencesOf(file)
        .filter((to) => !isAllowedInSource(file, to))
        .map((to) => `${file} refers to ${to}`),
    );
    expect(offences).toEqual([]);
  });

  // The linter cannot compare the name of a folder with that of the file.
  it('have no integration that takes parts of another', () => {
    const offences = filesOf('integrations').flatMap((file) => {
      const own = file.replace(/^integrations\/([^/]+?)(\.ts|\/.*)$/, '$1');
      const foreign = referencesOf(file)
        .filter((to) => /^integrations\/[^/]+\//.test(to))
        .filter((to) => {
          return !to.startsWith(`integrations/${own}/`) && !to.startsWith('integrations/shapes/');
        });
      return foreign.map((to) => `${file} refers to ${to}`);
    });
    expect(offences).toEqual([]);
  });
});

function importsOf(folder: string, allowed: readonly string[], root: string): ImportCase[] {
  return [
    { specifier: `${root}/errors.ts`, isForbidden: false },
    { specifier: `${root}/index.ts`, isForbidden: folder !== 'cli' && folder !== 'testing' },
    { specifier: `${root}/../integrations/target.ts`, isForbidden: true },
    ...FOLDERS.map((other) => ({
      specifier: `${root}/${other}/target.ts`,
      isForbidden: other !== folder && !allowed.includes(other),
    })),
  ];
}

/** TypeScript files of a folder, from the root of the repository. */
function filesOf(folder: string): string[] {
  const files = fs.readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts')).map((file) => path.posix.join(folder, file));
}

/** Files that a file names by a relative path, in whatever way, from the root of the repository. */
function referencesOf(file: string): string[] {
  const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
  const specifiers = text.matchAll(/\b(?:from|import|require|requireSource[^'";]*)\s*\(?\s*['"](\.[^'"]+)['"]/g);
  return Array.from(specifiers, ([, specifier]) => path.posix.join(path.posix.dirname(file), `${specifier}`));
}

function isAllowedInSource(file: string, to: string): boolean {
  const folder = /^src\/([^/]+)\//.exec(file)?.[1];
  const target = /^src\/(?:([^/]+)\/)?/.exec(to);
  if (folder === undefined) return true;
  const name = target?.[1] ?? folder;
  return target !== null && (name === folder || (ARROWS[folder] ?? []).includes(name));
}

interface LintReport {
  readonly diagnostics: readonly {
    readonly category: string;
    readonly location: { readonly path: string; readonly start: { readonly line: number } };
  }[];
}

/** Lints a folder for imports only; each finding is "rule file:line". */
async function lint(folder: string): Promise<Set<string>> {
  const args = ['lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none'];
  const only = ['--only=style/noRestrictedImports', '--only=suspicious/noImportCycles'];
  const output = await new Promise<string>((resolve) => {
    // Findings make the exit code 1, so that the error says nothing here.
    execFile(path.join(ROOT, 'node_modules/.bin/biome'), [...args, ...only, '.'], { cwd: folder }, (_, stdout) =>
      resolve(stdout),
    );
  });
  const report: LintReport = JSON.parse(output);
  return new Set(
    report.diagnostics.map(({ category, location }) => {
      return `${category.split('/').at(-1)} ${location.path}:${location.start.line}`;
    }),
  );
}
