import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { printDiagnosis } from '../../src/cli/doctor/print-diagnosis.ts';
import { diagnose, makeProject, openaiProgram, runCommand } from './doctor-setup.ts';

describe.concurrent('autolog doctor, with a script', () => {
  it.each([
    ['program.mjs', openaiProgram('')],
    ['program.cjs', openaiProgram('', 'cjs')],
    ['program.mts', `${openaiProgram('')}\nconst typed: number = 1; void typed;`],
  ])('(%s) tells what was patched and recorded', async (name, text) => {
    const folder = makeProject({ openai: 'real' }, { [name]: text });
    const { end, diagnosis } = await diagnose(folder, [name]);
    expect([end, diagnosis.problems]).toEqual([{ exitCode: 0, stdout: 'hello\n', stderr: '' }, []]);
    expect(diagnosis.script).toEqual({
      path: name,
      exitCode: 0,
      signal: null,
      enabledBy: 'register',
      recorded: { runs: 0, traces: 1, spans: 1 },
    });
    const [openai] = diagnosis.process?.integrations ?? [];
    expect(openai?.packages[0]?.copies).toMatchObject([
      { version: '7.55.0', support: 'tested', reasons: [], foreign: [] },
    ]);
    expect(openai?.packages[0]?.copies[0]?.loaded).toHaveLength(1);
    expect(openai?.packages[0]?.copies[0]?.patchedTargets).toContain('OpenAI.Chat.Completions.prototype.create');
    expect(diagnosis.process?.written).toEqual([
      { uri: `sqlite:///${path.join(folder, 'mlflow.db')}`, recordCount: expect.any(Number), unkeptCount: 0 },
    ]);
    expect(diagnosis.process?.failures).toEqual({});
    expect(fs.existsSync(path.join(folder, '.autolog'))).toBe(false);
  });

  it('gives it its arguments, input and output, and ends with its exit code', async () => {
    const text = `${openaiProgram('')}
process.stdin.on('data', (chunk) => process.stdout.write('read ' + chunk));
process.stdin.on('end', () => { console.error(process.argv.slice(2).join(' ')); process.exitCode = 7; });`;
    const folder = makeProject({ openai: 'real' }, { 'program.mjs': text });
    const args = ['doctor', 'program.mjs', '--json', '-o', 'x', '--', 'last'];
    const { exitCode, stdout, stderr } = await runCommand(folder, args, { stdin: 'input' });
    expect(exitCode).toBe(7);
    expect(stdout.split('\n').sort().join()).toContain('read input');
    expect(stderr).toMatch(/^--json -o x -- last\n/);
    expect(stderr).toMatch(
      /^ {2}script +program\.mjs ended with exit code 7; it was run as by --import autolog\/register$/m,
    );
    expect(stderr).toMatch(/^ {2}recorded +0 runs, 1 trace with 1 span$/m);
  });

  it.each([
    ['process.exit(3)', 3, null, ''],
    ["setImmediate(() => { throw new Error('of the program'); })", 1, null, 'Error: of the program'],
    ["process.kill(process.pid, 'SIGKILL')", null, 'SIGKILL', ''],
  ])('that ends by %s, reports all the same', async (rest, exitCode, signal, said) => {
    const folder = makeProject({ openai: 'real' }, { 'program.mjs': openaiProgram(rest) });
    const { end, diagnosis } = await diagnose(folder, ['program.mjs']);
    expect(end.exitCode).toBe(exitCode ?? 1);
    expect(end.stderr).toContain(said);
    expect(diagnosis.script).toMatchObject({ exitCode, signal });
    if (signal === null) {
      expect([diagnosis.problems, diagnosis.script?.recorded.spans]).toEqual([[], 1]);
      return;
    }
    expect(diagnosis).toMatchObject({ isHealthy: false, process: null, script: { recorded: { spans: 1 } } });
    expect(diagnosis.problems[0]?.what).toBe('the process ended before it could tell its state, by SIGKILL');
  });

  it('that names this package and never calls it, says what is missing, and turns nothing on', async () => {
    const folder = makeProject(
      { openai: 'real' },
      {
        'node_modules/autolog/package.json': '{ "name": "autolog", "version": "0.0.1", "exports": "./index.js" }',
        'node_modules/autolog/index.js': 'exports.autolog = () => undefined;',
        'setup.mjs': "export { autolog } from 'autolog';",
        'program.mjs': `import './setup.mjs';\n${openaiProgram('')}`,
      },
    );
    const { end, diagnosis } = await diagnose(folder, ['program.mjs']);
    expect([end.exitCode, end.stdout]).toEqual([1, 'hello\n']);
    expect(diagnosis.script).toMatchObject({ enabledBy: 'program', recorded: { runs: 0, traces: 0, spans: 0 } });
    expect(diagnosis.problems).toEqual([
      {
        what: 'nothing has turned autologging on: autolog() was never called',
        fix: 'node --import autolog/register program.mjs',
      },
    ]);
    expect(printDiagnosis(diagnosis).join('\n')).toContain('it imports autolog and has not turned it on');
    expect(fs.existsSync(path.join(folder, 'mlflow.db'))).toBe(false);
  });

  it.each([
    [
      'calls autolog() wrongly',
      'autolog({ logModel: true });',
      /^the program has failed before autologging was on$/,
    ],
    [
      'fails before its libraries',
      "autolog(); throw new Error('of the program');",
      /^the program has loaded none of openai.*: it failed before$/,
    ],
  ])('that %s, leads to its error', async (_, text, what) => {
    const index = path.resolve(import.meta.dirname, '../../src/index.ts');
    const folder = makeProject(
      { openai: 'real' },
      {
        'node_modules/autolog/package.json': '{ "name": "autolog", "version": "0.0.1", "exports": "./index.mjs" }',
        'node_modules/autolog/index.mjs': `export { autolog } from '${index}';`,
        'program.mjs': `import { autolog } from 'autolog';\n${text}`,
      },
    );
    const { end, diagnosis } = await diagnose(folder, ['program.mjs']);
    expect(end.exitCode).toBe(1);
    expect(diagnosis.problems).toEqual([
      { what: expect.stringMatching(what), fix: expect.stringMatching(/^node program\.mjs shows the error/) },
    ]);
  });

  it('that has its libraries in a bundle, says how to hand them over', async () => {
    const folder = makeProject({ openai: 'real' }, { 'program.mjs': 'console.log(1);' });
    const { end, diagnosis } = await diagnose(folder, ['program.mjs']);
    expect(end.exitCode).toBe(1);
    expect(diagnosis.problems).toEqual([
      {
        what: expect.stringMatching(/^the program has loaded none of openai /),
        fix: expect.stringContaining('autolog({ modules: '),
      },
    ]);
  });

  it('that loads a library which is not as expected, says why it is not patched', async () => {
    const folder = makeProject({ openai: '6.0.0' }, { 'program.cjs': "require('openai');" });
    const { end, diagnosis } = await diagnose(folder, ['program.cjs']);
    expect([end.exitCode, end.stderr]).toEqual([
      1,
      expect.stringMatching(/^autolog: openai: openai 6\.0\.0 is not logged/),
    ]);
    const whats = diagnosis.problems.map(({ what }) => what).join('\n');
    expect(whats).toMatch(/^openai 6\.0\.0 is not logged: Cannot patch /m);
    expect(whats).toMatch(/^autologging failed once at: openai: /m);
    expect(diagnosis.process?.integrations[0]?.packages[0]?.copies[0]).toMatchObject({ patchedTargets: [] });
  });

  it('is not troubled by an old copy that it has not loaded', async () => {
    const folder = makeProject(
      { openai: 'real' },
      {
        'node_modules/tool/package.json': '{ "name": "tool", "version": "1.0.0" }',
        'node_modules/tool/node_modules/openai/package.json': '{ "name": "openai", "version": "4.0.0" }',
        'program.mjs': openaiProgram(''),
      },
    );
    const { end, diagnosis } = await diagnose(folder, ['program.mjs']);
    expect([end.exitCode, diagnosis.problems]).toEqual([0, []]);
    expect((await diagnose(folder)).diagnosis.problems).toHaveLength(1);
  });

  it('whose functions others have wrapped too, notes where', async () => {
    const wrap = `import OpenAI from 'openai';
const { prototype } = OpenAI.Chat.Completions;
const { create } = prototype;
prototype.create = function wrapped(...args) { return create.apply(this, args); };
`;
    const text = openaiProgram('').replace("import OpenAI from 'openai';", wrap);
    const folder = makeProject({ openai: 'real' }, { 'program.mjs': text });
    const { end, diagnosis } = await diagnose(folder, ['program.mjs']);
    expect([end.exitCode, diagnosis.script?.recorded.spans]).toEqual([0, 1]);
    expect(diagnosis.notes).toContain(
      'openai 7.55.0: someone else has wrapped OpenAI.Chat.Completions.prototype.create over ours; both see each call.',
    );
  });

  it('whose surroundings are wrong, starts all the same, with one line for each', async () => {
    const folder = makeProject(
      { openai: 'real' },
      { 'program.mjs': openaiProgram(''), '.autologrc': '{ "silent": }' },
    );
    const { end, diagnosis } = await diagnose(folder, ['program.mjs'], { env: { AUTOLOG_LOG_MODELS: 'maybe' } });
    expect(end.stdout).toBe('hello\n');
    expect(end.stderr.match(/^autolog: .* It is left out\.$/gm)).toHaveLength(2);
    expect(diagnosis.problems).toHaveLength(2);
  });

  it('that is not there, is refused', async () => {
    const { exitCode, stderr } = await runCommand(makeProject(), ['doctor', 'nowhere.mjs']);
    expect([exitCode, stderr]).toEqual([
      1,
      "autolog: Cannot examine 'nowhere.mjs': there is no such file; give the path of a script.\n",
    ]);
  });
});
