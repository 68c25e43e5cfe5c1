import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRequirement } from '../support/requirements.ts';
import { diagnose, makeProject, runCommand } from './doctor-setup.ts';

const linux = createRequirement(process.platform !== 'linux', 'only Linux has /proc', false);

/** What and fix of each problem, in one text each. */
async function problemsIn(
  folder: string,
  env: Record<string, string> = {},
): Promise<(readonly [string, string])[]> {
  const { end, diagnosis } = await diagnose(folder, [], { env });
  expect(end.exitCode).toBe(diagnosis.isHealthy ? 0 : 1);
  expect(diagnosis.isHealthy).toBe(diagnosis.problems.length === 0);
  return diagnosis.problems.map(({ what, fix }) => [what, fix] as const);
}

const TOO_OLD = ['openai 4.0.0 is older than the tested range >=5 <8', 'npm install "openai@>=5 <8"'] as const;

describe.concurrent('autolog doctor, in a folder', () => {
  it('that is empty, says what could be installed, and leaves it empty', async () => {
    const folder = fs.realpathSync(fs.mkdtempSync(path.resolve('empty-')));
    expect(await problemsIn(folder)).toEqual([
      [
        `none of openai, @langchain/core, @tensorflow/tfjs-layers is installed for ${folder}: there is nothing to log`,
        'cd to your project, or: npm install openai',
      ],
    ]);
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it('with only openai, finds nothing wrong', async () => {
    const folder = makeProject({ openai: 'real' });
    const { end, diagnosis } = await diagnose(folder);
    expect([end.exitCode, diagnosis.problems, diagnosis.script]).toEqual([0, [], null]);
    const { integrations, store, wasEnabled, loading } = diagnosis.process ?? {};
    expect(wasEnabled).toBe(true);
    expect(loading?.node).toBe(process.version);
    const [openai, langchain] = integrations ?? [];
    expect(openai).toMatchObject({
      name: 'openai',
      isOn: true,
      configuredBy: 'universal',
      packages: [
        {
          name: 'openai',
          range: '>=5 <8',
          copies: [{ version: '7.55.0', support: 'tested', loaded: [], reasons: [] }],
        },
      ],
    });
    expect(langchain?.packages[0]?.copies).toEqual([]);
    expect(store).toMatchObject({
      trackingUri: 'sqlite:///mlflow.db',
      trackingUriOrigin: 'default',
      file: path.join(folder, 'mlflow.db'),
      exists: false,
      problem: null,
      experiment: 'Default',
      experimentOrigin: 'default',
      journals: { waiting: 0 },
    });
    expect(fs.existsSync(path.join(folder, 'mlflow.db'))).toBe(false);
  });

  it('with several copies, tells each by its path', async () => {
    const folder = makeProject(
      { openai: '6.0.0' },
      {
        'node_modules/tool/package.json': '{ "name": "tool", "version": "1.0.0" }',
        'node_modules/tool/node_modules/openai/package.json': '{ "name": "openai", "version": "4.0.0" }',
      },
    );
    const { diagnosis } = await diagnose(folder);
    expect(diagnosis.process?.integrations[0]?.packages[0]?.copies).toMatchObject([
      { version: '6.0.0', folder: path.join(folder, 'node_modules/openai'), support: 'tested' },
      { version: '4.0.0', folder: path.join(folder, 'node_modules/tool/node_modules/openai'), support: 'too old' },
    ]);
    expect(diagnosis.problems[0]?.what).toContain('tool/node_modules/openai');
  });

  it('with a version that is too old, gives the command that installs another', async () => {
    const folder = makeProject({ openai: '4.0.0' });
    const [[what, fix] = ['', '']] = await problemsIn(folder);
    expect([what, fix]).toEqual([`${TOO_OLD[0]} (${path.join(folder, 'node_modules/openai')})`, TOO_OLD[1]]);
  });

  it('with a version that is newer than the tested ones, notes it, and finds a problem where those are ruled out', async () => {
    const folder = makeProject({ openai: '9.1.0' });
    const { end, diagnosis } = await diagnose(folder);
    expect([end.exitCode, diagnosis.problems]).toEqual([0, []]);
    expect(diagnosis.notes).toContain(
      'openai 9.1.0 is newer than the tested range >=5 <8: it is logged as the tested ones are.',
    );
    const [[what] = ['']] = await problemsIn(folder, { AUTOLOG_DISABLE_FOR_UNSUPPORTED_VERSIONS: 'true' });
    expect(what).toMatch(
      /^openai 9\.1\.0 is outside of the tested range >=5 <8, and disableForUnsupportedVersions is set/,
    );
  });

  const STORES: readonly [what: string, env: Record<string, string>, message: RegExp, fix: string][] = [
    [
      'in a folder that cannot be',
      { MLFLOW_TRACKING_URI: 'sqlite:///package.json/mlflow.db' },
      /a part of the path is a file/,
      'unset MLFLOW_TRACKING_URI',
    ],
    [
      'that is something else',
      { MLFLOW_TRACKING_URI: 'sqlite:///package.json' },
      /is not an MLflow database/,
      'unset MLFLOW_TRACKING_URI',
    ],
    [
      'that is a folder',
      { MLFLOW_TRACKING_URI: 'sqlite:///node_modules' },
      /node_modules/,
      'unset MLFLOW_TRACKING_URI',
    ],
    [
      'of an unknown kind',
      { MLFLOW_TRACKING_URI: 'gopher://user:secret@host' },
      /its scheme is unknown/,
      'unset MLFLOW_TRACKING_URI',
    ],
    [
      'without the experiment',
      { MLFLOW_EXPERIMENT_ID: '99' },
      /Cannot use the experiment 99: there is no database that has it yet/,
      'unset MLFLOW_EXPERIMENT_ID',
    ],
  ];

  it.each(STORES)('whose database is one %s, says what leads elsewhere', async (_, env, message, fix) => {
    const folder = makeProject({ openai: 'real' });
    const { diagnosis } = await diagnose(folder, [], { env });
    expect(diagnosis.problems).toEqual([{ what: expect.stringMatching(message), fix }]);
    expect(diagnosis.problems[0]?.what).toMatch(/^nothing can be recorded: /);
    expect(JSON.stringify(diagnosis)).not.toContain('secret');
  });

  // Permissions do not stop root, who runs the tests in most containers; a file system that takes nothing does.
  it.skipIf(linux.isMissing)(linux.title('whose database cannot be written, says so'), async () => {
    const folder = makeProject({ openai: 'real' });
    const env = { MLFLOW_TRACKING_URI: 'sqlite:////proc/1/nowhere/mlflow.db' };
    const [[what, fix] = ['', '']] = await problemsIn(folder, env);
    expect(what).toMatch(/^nothing can be recorded: Cannot write '\/proc\/1\/nowhere\/mlflow\.db': /);
    expect(fix).toBe('unset MLFLOW_TRACKING_URI');
  });

  it('with refused records and journals that wait, names them', async () => {
    const journals = '.autolog/mlflow.db/';
    const folder = makeProject(
      { openai: 'real' },
      { [`${journals}rejected.jsonl`]: '{}\n', [`${journals}host-1-2-0123456789ab.jsonl`]: '{"op":"x"}\n' },
    );
    const { diagnosis } = await diagnose(folder);
    expect(diagnosis.problems).toEqual([
      {
        what: expect.stringContaining('has refused records'),
        fix: `cat '${path.join(folder, journals)}rejected.jsonl'`,
      },
    ]);
    expect(diagnosis.process?.store.journals).toMatchObject({ waiting: 1, sizeBytes: 11 });
    expect(diagnosis.notes.join()).toMatch(/^A journal of a process .*`npx autolog show` delivers/m);
  });

  it('with wrong variables, says which, and how to set them', async () => {
    const env = { AUTOLOG_SILENT: 'maybe', AUTOLOG_LOG_MODEL: 'no', AUTOLOG_TFJS_LOG_EVERY_N_STEPS: 'ten' };
    const problems = await problemsIn(makeProject({ openai: 'real' }), env);
    expect(problems.sort()).toEqual([
      [
        'AUTOLOG_LOG_MODEL is no variable of autolog; did you mean AUTOLOG_LOG_MODELS?',
        "export AUTOLOG_LOG_MODELS='no'; unset AUTOLOG_LOG_MODEL",
      ],
      ["AUTOLOG_SILENT is 'maybe': set it to true or false, or unset it", 'unset AUTOLOG_SILENT'],
      [
        "AUTOLOG_TFJS_LOG_EVERY_N_STEPS is 'ten': set it to 'auto', a number or null, or unset it",
        'unset AUTOLOG_TFJS_LOG_EVERY_N_STEPS',
      ],
    ]);
  });

  it('with a broken configuration file, says where', async () => {
    const folder = makeProject({ openai: 'real' }, { 'autolog.config.json': '{ "logModels": }' });
    const file = path.join(folder, 'autolog.config.json');
    expect(await problemsIn(folder)).toEqual([
      [expect.stringContaining(`Cannot use the configuration '${file}': it is no JSON`), `$EDITOR '${file}'`],
    ]);
  });

  it('with configuration, says where each value comes from', async () => {
    const folder = makeProject(
      { openai: 'real' },
      {
        '.autologrc':
          'logModels: false\ntrackingUri: sqlite:///data.db\nintegrations: { tfjs: { logEveryNSteps: 5 } }\n',
      },
    );
    const env = { AUTOLOG_LOG_TRACES: 'no', MLFLOW_EXPERIMENT_NAME: 'mine', MLFLOW_TRACKING_TOKEN: 'hush' };
    const { diagnosis } = await diagnose(folder, [], { env });
    const file = path.join(folder, '.autologrc');
    const { configuration, integrations, store } = diagnosis.process ?? {};
    expect(configuration).toMatchObject({ file, variables: { ...env, MLFLOW_TRACKING_TOKEN: '***' } });
    const options = integrations?.find(({ name }) => name === 'tfjs')?.options;
    expect(options).toMatchObject({
      logModels: { value: false, origin: file },
      logTraces: { value: false, origin: 'AUTOLOG_LOG_TRACES' },
      logEveryNSteps: { value: 5, origin: file },
      silent: { value: false, origin: 'default' },
      maxBlockMs: { value: 250, origin: 'default' },
    });
    expect(store).toMatchObject({
      trackingUri: `sqlite:///${path.join(folder, 'data.db')}`,
      trackingUriOrigin: file,
      experiment: 'mine',
      experimentOrigin: 'MLFLOW_EXPERIMENT_NAME',
    });
  });

  it('where the operator has turned it off, says so', async () => {
    const folder = makeProject({ openai: 'real' });
    expect(await problemsIn(folder, { AUTOLOG_DISABLED: 'true' })).toEqual([
      ['AUTOLOG_DISABLED is set: autologging is off for the whole process', 'unset AUTOLOG_DISABLED'],
    ]);
  });

  it('with another tracer, lists it', async () => {
    const folder = makeProject({ openai: 'real', 'dd-trace': '5.1.0' });
    const { diagnosis } = await diagnose(folder);
    expect(diagnosis.process?.otherTracers).toEqual([{ name: 'dd-trace', version: '5.1.0', state: 'installed' }]);
  });
});

describe.concurrent('the report for people', () => {
  it('says all of it on one screen, without colours where there is no terminal', async () => {
    const folder = makeProject({ openai: '4.0.0' }, { '.autologrc': 'silent: true' });
    const { stdout, stderr, exitCode } = await runCommand(folder, ['doctor']);
    expect([exitCode, stderr]).toEqual([1, '']);
    expect(stdout.replace(/ +$/gm, '')).toMatch(/^autolog \S+, Node \S+ \(/);
    for (const line of [
      /^ {2}openai +openai 4\.0\.0 +>=5 <8: too old +installed, not loaded +node_modules\/openai$/m,
      /^ {2}langchain +@langchain\/core +>=0\.3\.20 <2 +not installed$/m,
      /^ {2}store +sqlite:\/\/\/mlflow\.db +default$/m,
      /^ {2}file +\/.*\/mlflow\.db +is made with the first record$/m,
      /^ {2}silent +true +from \.autologrc +openai langchain tfjs$/m,
      /^1 problem, and what helps:$/m,
      /^ {5}npm install "openai@>=5 <8"$/m,
    ]) {
      expect(stdout).toMatch(line);
    }
    expect(stdout).not.toContain('\u001b');
    expect(stdout.split('\n').length).toBeLessThan(40);
  });

  it('has colours where they are asked for, and never where NO_COLOR is set', async () => {
    const folder = makeProject({ openai: 'real' });
    const colored = await runCommand(folder, ['doctor'], { env: { FORCE_COLOR: '1' } });
    expect(colored.stdout).toContain('\u001b[1m');
    const plain = await runCommand(folder, ['doctor'], { env: { NO_COLOR: '1' } });
    expect(plain.stdout).not.toContain('\u001b');
    expect(plain.stdout).toMatch(/^No problem was found\.$/m);
  });
});
