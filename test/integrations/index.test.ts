import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { integrations } from '../../integrations/index.ts';
import type { IntegrationDefinition } from '../../src/autologging/definition.ts';
import type { Autolog } from '../../src/autologging/integration.ts';
import { modulesOf } from '../../src/autologging/registry.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const FOLDER = path.join(ROOT, 'integrations');

const names = integrations.map(({ name }) => name);

const files = fs
  .readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name !== 'index.ts')
  .map((entry) => entry.name.replace(/\.ts$/, ''));

/** First two cells of the rows under a heading of the README: the name in its code marks, and the packages. */
const rows = (fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8').split('## What is logged')[1] ?? '')
  .split('\n## ')[0]
  ?.split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, name = '', packages = '']) => ({ name: name.replaceAll('`', ''), packages }));

describe('the list of integrations', () => {
  it('has each file of the folder, and no other', () => {
    expect([...names].sort()).toEqual([...files].sort());
    expect(new Set(names).size).toBe(names.length);
  });

  it('has each row of the README, and no other', () => {
    expect(rows?.map(({ name }) => name).sort()).toEqual([...names].sort());
  });

  it('names each file of tests', () => {
    const tests = fs.readdirSync(import.meta.dirname);
    for (const name of names) expect(tests).toContain(`contract-${name}.test.ts`);
  });
});

describe.each(integrations)('the entry of $name', ({ name, packages, modules, load }) => {
  it('says the same as the definition in its file', async () => {
    const { autolog } = (await import(`../../integrations/${name}.ts`)) as { autolog: Autolog };
    const definition = load();
    expect(autolog.integrationName).toBe(name);
    expect(autolog.definition).toBe(definition);
    expect(definition.packages).toEqual(packages);
    expect([...modules].sort()).toEqual(modulesOf(definition).sort());
  });

  it('has targets that are all different, in modules of its packages', () => {
    const definition: IntegrationDefinition = load();
    const [first = ''] = Object.keys(packages);
    const targets = definition.patches.map(({ module = first, target }) => `${module} ${target}`);
    expect(new Set(targets).size).toBe(targets.length);
    for (const module of modules) {
      expect(Object.keys(packages).some((each) => module === each || module.startsWith(`${each}/`))).toBe(true);
    }
  });

  it('has a tested range that the installed version lies in, and the README tells its majors', async () => {
    const { versionState } = await import('../../src/autologging/versions.ts');
    for (const [each, range] of Object.entries(packages)) {
      const file = path.join(ROOT, 'node_modules', each, 'package.json');
      const { version } = JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string };
      expect([each, versionState(version, range)]).toEqual([each, 'tested']);
      const row = rows?.find((other) => other.name === name);
      expect(row?.packages).toMatch(new RegExp(`\\b${version.split('.')[0]}\\b`));
    }
  });
});
