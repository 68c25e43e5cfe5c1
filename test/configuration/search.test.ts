import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const SOURCE = path.resolve(import.meta.dirname, '../../src');

/** What a program finds to be in force. */
const PROGRAM = `
import { createRequire } from 'node:module';
import { autolog, flush, getTrackingUri, startRun } from '${SOURCE}/index.ts';
import { integrationStates } from '${SOURCE}/autologging/registry.ts';
import { loadingState } from '${SOURCE}/patching/loading/watch-modules.ts';
import { currentExperiment, currentStore } from '${SOURCE}/tracking/settings.ts';
autolog();
if (process.argv[2] === 'record') { startRun().end(); await flush(); }
const { config } = integrationStates().find(({ name }) => name === 'openai');
console.log(JSON.stringify({
  tags: config?.extraTags,
  uri: getTrackingUri(),
  experiment: currentExperiment(currentStore()),
  hasLilconfig: Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('lilconfig')),
  means: Object.values(loadingState().means),
}));
`;

interface Found {
  readonly tags: Readonly<Record<string, string>> | undefined;
  readonly uri: string;
  readonly experiment: unknown;
  readonly hasLilconfig: boolean;
  readonly means: readonly string[];
}

/** Makes a folder with files and returns its path. */
function makeFolder(files: Readonly<Record<string, string>>): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.resolve('search-')));
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

async function run(
  cwd: string,
  script: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Found> {
  const options = { cwd, env: { ...process.env, ...env } };
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], options);
  return JSON.parse(stdout);
}

const saying = (tag: string): string => JSON.stringify({ extraTags: { tag } });

describe.concurrent('a program', () => {
  it('finds the file of its project, from a folder below its root', async () => {
    const folder = makeFolder({
      'package.json': '{}',
      '.autologrc': saying('root'),
      'src/deep/main.mjs': PROGRAM,
    });
    const script = path.join(folder, 'src/deep/main.mjs');
    for (const cwd of [folder, path.join(folder, 'src/deep'), path.resolve('.')]) {
      expect((await run(cwd, script)).tags).toEqual({ tag: 'root' });
    }
  });

  it('takes the nearest file to where it is started', async () => {
    const folder = makeFolder({
      'package.json': '{}',
      'autolog.config.json': saying('root'),
      'part/autolog.config.json': saying('part'),
      'main.mjs': PROGRAM,
    });
    const script = path.join(folder, 'main.mjs');
    expect((await run(folder, script)).tags).toEqual({ tag: 'root' });
    expect((await run(path.join(folder, 'part'), script)).tags).toEqual({ tag: 'part' });
  });

  it('takes the first of several in one folder, and package.json before all', async () => {
    const files = {
      '.autologrc.json': saying('rc'),
      'autolog.config.json': saying('config'),
      'main.mjs': PROGRAM,
    };
    const folder = makeFolder({ ...files, 'package.json': '{ "dependencies": { "autolog": "1" } }' });
    expect((await run(folder, 'main.mjs')).tags).toEqual({ tag: 'rc' });
    fs.writeFileSync(path.join(folder, 'package.json'), `{ "autolog": ${saying('package')} }`);
    expect((await run(folder, 'main.mjs')).tags).toEqual({ tag: 'package' });
  });

  it('takes nothing from above its project, nor from a foreign folder that it is started in', async () => {
    const folder = makeFolder({
      'package.json': '{ "name": "above" }',
      '.autologrc': saying('above'),
      'app/package.json': '{ "name": "app" }',
      'app/main.mjs': PROGRAM,
      'foreign/package.json': '{ "name": "foreign" }',
      'foreign/autolog.config.cjs': 'console.error("ran"); module.exports = { extraTags: { tag: "foreign" } };',
    });
    expect((await run(path.join(folder, 'foreign'), path.join(folder, 'app/main.mjs'))).tags).toEqual({});
    expect((await run(path.join(folder, 'app'), 'main.mjs')).tags).toEqual({});
  });

  it('takes the file that the variable names, wherever it is', async () => {
    const folder = makeFolder({ 'package.json': '{}', '.autologrc': saying('found'), 'main.mjs': PROGRAM });
    const other = makeFolder({ 'named.json': saying('named') });
    const env = { AUTOLOG_CONFIG_FILE: path.join(other, 'named.json') };
    expect((await run(folder, 'main.mjs', [], env)).tags).toEqual({ tag: 'named' });
  });

  it('records where the file says, from any folder', async () => {
    const folder = makeFolder({
      'package.json': '{}',
      '.autologrc': 'trackingUri: sqlite:///data/of-file.db\nexperiment: of file\n',
      'src/main.mjs': PROGRAM,
    });
    const found = await run(path.join(folder, 'src'), 'main.mjs', ['record']);
    const file = path.join(folder, 'data/of-file.db');
    expect([found.uri, found.experiment, fs.existsSync(file)]).toEqual([
      `sqlite:///${file}`,
      { name: 'of file' },
      true,
    ]);
  });

  it('without a file loads nothing that reads one', async () => {
    const folder = makeFolder({ 'package.json': '{ "name": "none" }', 'main.mjs': PROGRAM });
    expect(await run(folder, 'main.mjs')).toMatchObject({
      hasLilconfig: false,
      tags: {},
      uri: 'sqlite:///mlflow.db',
    });
  });

  it('that the operator has switched off installs no hook', async () => {
    const folder = makeFolder({ 'package.json': '{}', 'main.mjs': PROGRAM });
    const { tags, means } = await run(folder, 'main.mjs', [], { AUTOLOG_DISABLED: 'true' });
    expect([tags, new Set(means)]).toEqual([undefined, new Set(['idle'])]);
  });
});
