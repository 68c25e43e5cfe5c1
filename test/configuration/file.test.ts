import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { autolog, autologAtStart } from '../../src/autologging/autolog.ts';
import { projectRoot } from '../../src/configuration/config-file.ts';
import { loadConfigFile } from '../../src/configuration/load-config-file.ts';
import { holdStderr } from '../../src/testing/hold-stderr.ts';
import { cleanUpAfterEach, configOf, makeConfigured, refusalOf, useConfigFile } from './setup.ts';

cleanUpAfterEach();

describe('a configuration file', () => {
  const WAYS: readonly [name: string, text: string][] = [
    ['package.json', '{ "name": "p", "autolog": { "logModels": false, "extraTags": { "a": "b" } } }'],
    ['.autologrc', '{ "logModels": false, "extraTags": { "a": "b" } }'],
    ['.autologrc', 'logModels: false\nextraTags:\n  a: b\n'],
    ['.autologrc.json', '\uFEFF{ "logModels": false, "extraTags": { "a": "b" } }'],
    ['.autologrc.yaml', 'logModels: false # a comment\nextraTags: { a: b }\n'],
    ['.autologrc.yml', 'logModels: false\nextraTags: { a: b }\n'],
    ['autolog.config.json', '{ "logModels": false, "extraTags": { "a": "b" } }'],
    ['autolog.config.js', 'export default { logModels: false, extraTags: { a: "b" } };'],
    ['autolog.config.mjs', 'export default { logModels: false, extraTags: { a: "b" } };'],
    ['autolog.config.cjs', 'module.exports = { logModels: false, extraTags: { a: "b" } };'],
    [
      'autolog.config.cjs',
      'exports.__esModule = true; exports.default = { logModels: false, extraTags: { a: "b" } };',
    ],
  ];

  it.each(WAYS)('%s may say %j', (name, text) => {
    const file = useConfigFile(text, name);
    if (name === 'autolog.config.js')
      fs.writeFileSync(path.join(path.dirname(file), 'package.json'), '{"type":"module"}');
    const integration = makeConfigured();
    autolog();
    expect(configOf(integration.name)).toMatchObject({ logModels: false, extraTags: { a: 'b' } });
  });

  it.each([
    ['autolog.config.js', 'export default { logModels: false };', 'mjs'],
    ['autolog.config.ts', "import 'node:fs';\nexport default { logModels: false };", 'mts'],
  ])('%s that is an ES module in a project of CommonJS says how to name it', (name, text, ending) => {
    const file = useConfigFile(text, name);
    fs.writeFileSync(path.join(path.dirname(file), 'package.json'), '{"type":"commonjs"}');
    makeConfigured();
    expect(refusalOf().message).toBe(
      `Cannot use the configuration '${file}': it is an ES module, and the nearest package.json says "type": "commonjs"; name it autolog.config.${ending}, or write module.exports.`,
    );
  });

  it('may be TypeScript', () => {
    useConfigFile('const silent: boolean = true;\nexport default { silent };', 'autolog.config.ts');
    const integration = makeConfigured();
    autolog();
    expect(configOf(integration.name)).toMatchObject({ silent: true });
  });

  it.each(['.autologrc', 'autolog.config.json', '.autologrc.yaml'])('%s may be empty', (name) => {
    useConfigFile(' \n', name);
    const integration = makeConfigured();
    autolog();
    expect(configOf(integration.name)).toMatchObject({ logModels: true });
  });

  it('says where data goes, from its own folder on, beneath the variables', async () => {
    const file = useConfigFile({ trackingUri: 'sqlite:///data/of-file.db', experiment: 'of file' });
    const settings: typeof import('../../src/tracking/settings.ts') = await import(
      /* @vite-ignore */ `${new URL('../../src/tracking/settings.ts', import.meta.url).href}?file`
    );
    const { currentExperiment, currentStore, getTrackingUri, settingOrigins } = settings;
    expect(getTrackingUri()).toBe(`sqlite:///${path.join(path.dirname(file), 'data', 'of-file.db')}`);
    expect(currentExperiment(currentStore())).toEqual({ name: 'of file' });
    expect(settingOrigins()).toEqual({ trackingUri: file, experiment: file });
    process.env.MLFLOW_TRACKING_URI = 'sqlite:///variable.db';
    process.env.MLFLOW_EXPERIMENT_ID = '0';
    expect([getTrackingUri(), currentExperiment(currentStore())]).toEqual(['sqlite:///variable.db', { id: '0' }]);
    expect(settingOrigins()).toEqual({ trackingUri: 'MLFLOW_TRACKING_URI', experiment: 'MLFLOW_EXPERIMENT_ID' });
    settings.setTrackingUri('sqlite:///code.db');
    settings.setExperiment('of code');
    expect([getTrackingUri(), currentExperiment(currentStore())]).toEqual([
      'sqlite:///code.db',
      { name: 'of code' },
    ]);
    expect(settingOrigins()).toEqual({ trackingUri: 'code', experiment: 'code' });
  });

  it.each([
    ['a name', { name: 'a name' }],
    [{ name: 'a name' }, { name: 'a name' }],
    [{ id: '7' }, { id: '7' }],
  ])('may give the experiment as %j', (experiment, expected) => {
    expect(loadConfigFile(useConfigFile({ experiment })).experiment).toEqual(expected);
  });
});

describe('a file that is wrong', () => {
  const WRONG: readonly [name: string, content: unknown, message: RegExp][] = [
    [
      'autolog.config.json',
      '{ "logModels": fals }',
      /it is no JSON \(.*\(line 1 column 20\)\); correct it there\.$/,
    ],
    [
      'autolog.config.json',
      '{ "silent": true,\n  "logModels": TRUE,\n "logTraces": true }',
      /it is no JSON \(.*\(line 2 column 16\)\)/,
    ],
    ['.autologrc', '{ "logModels": true,\n "silent" }', /it is no JSON \(.*line 2 .*\)/],
    ['package.json', '{ "autolog": ', /it is no JSON/],
    ['.autologrc.yaml', 'logModels: [', /it is no YAML \(.*line 1, column 13\); correct/],
    ['autolog.config.json', '[]', /found a list, not an object of settings; write it as /],
    ['autolog.config.json', '"text"', /found string, not an object/],
    ['autolog.config.json', 'null', /found null, not an object/],
    ['autolog.config.cjs', 'throw new Error("of the file")', /it throws \(of the file\); correct it there\.$/],
    [
      'autolog.config.mjs',
      'await 1; export default {};',
      /it awaits at its top level; have it export a plain object/,
    ],
    ['autolog.config.mjs', 'export const silent = true;', /found undefined, not an object/],
    ['autolog.config.cjs', 'module.exports = () => ({});', /found function, not an object/],
    ['autolog.config.toml', 'a = 1', /nothing is known of files that end in '\.toml'; name it /],
    ['autolog.config.json', { trackingUri: 5 }, /trackingUri is no text; set it to /],
    ['autolog.config.json', { trackingUri: '' }, /trackingUri is no text/],
    ['autolog.config.json', { experiment: 5 }, /experiment is neither a name nor /],
    ['autolog.config.json', { experiment: { id: '1', name: 'b' } }, /experiment is neither/],
    ['autolog.config.json', { integrations: [] }, /integrations is no object of objects; write it as /],
    ['autolog.config.json', { integrations: { openai: true } }, /integrations is no object of objects/],
    ['autolog.config.json', { logModel: false }, /'logModel' is not known; did you mean 'logModels'\?$/],
    ['autolog.config.json', { trackinguri: 'x' }, /'trackinguri' is not known; did you mean 'trackingUri'\?$/],
    [
      'autolog.config.json',
      { nothingLikeIt: 1 },
      /'nothingLikeIt' is not known; there are logModels, .*integrations\.$/,
    ],
    ['autolog.config.json', { modules: {} }, /'modules' is not known/],
    ['autolog.config.json', { logModels: 'no' }, /'logModels' is "no": set it to true or false\.$/],
    ['autolog.config.json', { extraTags: ['a'] }, /'extraTags' is \["a"\]: set it to an object/],
    ['autolog.config.json', { extraTags: { '../x': '1' } }, /'extraTags' is .*path/],
    [
      'autolog.config.json',
      { excludeFlavors: ['wrnog'] },
      /'excludeFlavors' is .*there is no integration 'wrnog'; did you mean 'wrong'/,
    ],
    [
      'autolog.config.json',
      { integrations: { wronk: {} } },
      /'integrations\.wronk' is not known; did you mean 'wrong'\?$/,
    ],
    [
      'autolog.config.json',
      { integrations: { wrong: { ownCuont: 1 } } },
      /'integrations\.wrong\.ownCuont' .*'ownCount'\?$/,
    ],
    [
      'autolog.config.json',
      { integrations: { wrong: { ownCount: '1' } } },
      /'integrations\.wrong\.ownCount' is "1": set it to a number\.$/,
    ],
    ['autolog.config.json', { integrations: { wrong: { excludeFlavors: [] } } }, /excludeFlavors' is not known/],
    ['autolog.config.json', '{ "__proto__": { "silent": true } }', /'__proto__' is not known/],
    ['autolog.config.json', '{ "constructor": 1 }', /'constructor' is not known/],
    [
      'autolog.config.json',
      '{ "integrations": { "__proto__": { "silent": true } } }',
      /'integrations\.__proto__' is not known/,
    ],
    [
      'autolog.config.json',
      '{ "integrations": { "wrong": { "__proto__": { "silent": true } } } }',
      /'integrations\.wrong\.__proto__' is not known/,
    ],
    [
      'autolog.config.json',
      `{ "silent": ${' '.repeat(1024 * 1024)} true }`,
      /it is larger than 1 MiB; is it the right file\?$/,
    ],
    ['.autologrc.yaml', yamlBomb(), /it is no YAML \(.*alias/i],
  ];

  it.each(WRONG)(
    '(%s: %j) is an error of the program’s own call, and nothing changes',
    (name, content, message) => {
      makeConfigured('wrong');
      autolog({ extraTags: { call: 'before' } });
      const file = useConfigFile(content, name);
      const { code, message: said } = refusalOf(() => autolog({ silent: true }));
      expect([code, said]).toEqual(['INVALID_PARAMETER_VALUE', expect.stringMatching(message)]);
      expect(said).toContain(`configuration '${file}'`);
      expect(said).not.toMatch(/\n/);
      expect(configOf('wrong')).toMatchObject({ extraTags: { call: 'before' }, silent: false });
      expect(Reflect.get({}, 'silent')).toBeUndefined();
    },
  );

  it('that is named and not there is one', () => {
    process.env.AUTOLOG_CONFIG_FILE = 'nowhere.json';
    expect(refusalOf().message).toMatch(
      /'.*\/nowhere\.json': there is no such file; check AUTOLOG_CONFIG_FILE\.$/,
    );
    process.env.AUTOLOG_CONFIG_FILE = '.';
    expect(refusalOf().message).toMatch(/there is no such file/);
  });

  it('is told in one line at a start without a line, and left out, also where data goes', async () => {
    const { getTrackingUri } = await import('../../src/tracking/settings.ts');
    const integration = makeConfigured();
    const file = useConfigFile('{ "trackingUri": ', 'autolog.config.json');
    process.env.AUTOLOG_LOG_MODELS = 'false';
    const stderr = holdStderr();
    autologAtStart();
    stderr.release();
    expect(stderr.text).toMatch(
      new RegExp(`^autolog: Cannot use the configuration '${file}': .* It is left out\\.\n$`),
    );
    expect(configOf(integration.name)).toMatchObject({ logModels: false });
    expect(getTrackingUri()).toBe('sqlite:///mlflow.db');
  });
});

describe('the project of a program', () => {
  const root = fs.realpathSync(fs.mkdtempSync(path.resolve('project-')));
  const make = (...names: string[]): void => {
    for (const name of names) {
      fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      fs.writeFileSync(path.join(root, name), '{}');
    }
  };
  make(
    'app/package.json',
    'app/src/deep/main.mjs',
    'app/node_modules/tool/package.json',
    'app/node_modules/tool/cli.js',
  );
  make('alone/main.mjs', 'lib/node_modules/global/cli.js');
  fs.mkdirSync(path.join(root, 'bin'));
  fs.symlinkSync('../lib/node_modules/global/cli.js', path.join(root, 'bin/global'));

  it.each([
    ['a script', 'app/src/deep/main.mjs', 'app'],
    ['a command of a dependency', 'app/node_modules/tool/cli.js', 'app'],
    ['a command that is installed for all', 'bin/global', null],
    ['a script', 'alone/main.mjs', undefined],
  ])('of %s (%s) is %s', (_, script, expected) => {
    const cwd = path.join(root, 'hostile');
    const found = projectRoot(path.join(root, script), cwd);
    // A folder above the tests' own may be a project.
    if (expected === undefined) expect(found === path.join(root, 'alone') || !found?.startsWith(root)).toBe(true);
    else expect(found).toBe(expected === null ? null : path.join(root, expected));
  });

  it('of a prompt, which has no script, is that of the working folder', () => {
    expect(projectRoot(undefined, path.join(root, 'app/src'))).toBe(path.join(root, 'app'));
  });
});

/** A few lines that would become millions of values. */
function yamlBomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i++)
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  return lines.join('\n');
}
