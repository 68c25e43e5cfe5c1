import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { text as readText } from 'node:stream/consumers';
import type { Diagnosis } from '../../src/cli/doctor/diagnosis.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const MAIN = path.join(ROOT, 'src/cli/main.ts');

/** How the command is started. */
export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** How it ended. */
export interface CommandEnd {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in a folder. */
export async function runCommand(
  folder: string,
  args: readonly string[],
  { env, stdin = '' }: CommandOptions = {},
): Promise<CommandEnd> {
  const { AUTOLOG_TESTING: _, NODE_OPTIONS: __, FORCE_COLOR: ___, ...inherited } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, env: { ...inherited, ...env } });
  child.stdin.end(stdin);
  const [stdout, stderr, [exitCode]] = await Promise.all([
    readText(child.stdout),
    readText(child.stderr),
    once(child, 'close'),
  ]);
  return { exitCode, stdout, stderr };
}

/** Runs `autolog doctor --json` and reads its report. */
export async function diagnose(
  folder: string,
  args: readonly string[] = [],
  options: CommandOptions = {},
): Promise<{ readonly end: CommandEnd; readonly diagnosis: Diagnosis }> {
  const output = path.join(fs.mkdtempSync(path.resolve('report-')), 'report.json');
  const end = await runCommand(folder, ['doctor', '--json', '--output', output, ...args], options);
  if (!fs.existsSync(output)) throw new Error(`no report: ${end.stderr}`);
  return { end, diagnosis: JSON.parse(fs.readFileSync(output, 'utf8')) as Diagnosis };
}

/** Name of a package → its version, made up, or the package of this project. */
export type Installed = Readonly<Record<string, string | 'real'>>;

/** Makes a project with packages and files. */
export function makeProject(installed: Installed = {}, files: Readonly<Record<string, string>> = {}): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.resolve('project-')));
  write(folder, 'package.json', '{ "name": "project", "version": "1.0.0" }');
  for (const [name, version] of Object.entries(installed)) {
    const place = path.join(folder, 'node_modules', name);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    if (version === 'real') fs.symlinkSync(path.join(ROOT, 'node_modules', name), place);
    else {
      write(folder, `node_modules/${name}/package.json`, JSON.stringify({ name, version, main: 'index.js' }));
      write(folder, `node_modules/${name}/index.js`, 'exports.OpenAI = class OpenAI {};');
    }
  }
  for (const [name, text] of Object.entries(files)) write(folder, name, text);
  return folder;
}

/** A program that makes one call of openai, with a reply of its own; the rest of its text comes after. */
export function openaiProgram(rest: string, kind: 'esm' | 'cjs' = 'esm'): string {
  const load = kind === 'esm' ? "import OpenAI from 'openai';" : "const OpenAI = require('openai');";
  const reply = {
    id: '1',
    object: 'chat.completion',
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  };
  return `${load}
const fetch = async () => new Response(${JSON.stringify(JSON.stringify(reply))}, { headers: { 'content-type': 'application/json' } });
const client = new OpenAI({ apiKey: 'none', fetch });
client.chat.completions.create({ model: 'm', messages: [] }).then((reply) => {
  console.log(reply.choices[0].message.content);
  ${rest}
});
`;
}

function write(folder: string, name: string, text: string): void {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}
