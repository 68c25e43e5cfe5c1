import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMON_SCHEMA, DEFAULT_CONFIG, UNIVERSAL_SCHEMA } from '../../src/autologging/options.ts';
import { CONFIG_FILE_NAMES } from '../../src/configuration/config-file.ts';
import { variableName } from '../../src/configuration/environment.ts';
import { loadConfigFile } from '../../src/configuration/load-config-file.ts';

const text = fs.readFileSync(path.join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');

describe('docs/configuration.md', () => {
  it('lists every option with its variable and default', () => {
    const rows = [...text.matchAll(/^\| `(\w+)` \| `(AUTOLOG_\w+)` \| .* \| `(.*)` \|$/gm)];
    const defaults: Readonly<Record<string, unknown>> = { ...DEFAULT_CONFIG, excludeFlavors: [] };
    const options = Object.keys({ ...COMMON_SCHEMA, ...UNIVERSAL_SCHEMA });
    expect(rows.map(([, ...cells]) => cells)).toEqual(
      options.map((option) => [option, variableName(option), JSON.stringify(defaults[option])]),
    );
  });

  it('lists the names of files in the order in which they are read', () => {
    const section = text.slice(text.indexOf('## File'), text.indexOf('```yaml'));
    const names = [...section.matchAll(/`([^`]+)`/g)].flatMap(([, name]) => name ?? []);
    expect(names.filter((name) => name !== 'autolog')).toEqual(CONFIG_FILE_NAMES);
  });

  it('shows a file that can be read', () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
    const file = path.resolve('.autologrc');
    fs.writeFileSync(file, example);
    expect(loadConfigFile(file)).toMatchObject({
      trackingUri: 'sqlite:///data/mlflow.db',
      experiment: { name: 'my experiment' },
      options: { logModels: false },
      integrations: { tfjs: { logEveryNSteps: 10 } },
    });
  });
});
