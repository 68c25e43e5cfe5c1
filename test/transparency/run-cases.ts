import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Observation, ProcessEnd, Subject, Suite } from './case.ts';
import type { Order } from './order.ts';
import { readSpans } from './switch-on.ts';

const PROGRAM = fileURLToPath(new URL('./program.ts', import.meta.url));
const ALONE_LIMIT_MS = 12_000;
const LONGEST_MS = 300_000;

/** Where the library comes from, and who takes what tracers send. */
export interface RunOptions {
  readonly root: string;
  readonly aliases?: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly sinkUrl: string;
  /** @default all of the suite */
  readonly titles?: readonly string[];
}

/** What came of each case, by title. */
export type Observations = ReadonlyMap<string, Observation>;

/** Runs a suite's cases under a subject. */
export async function runCases(
  suite: Suite<unknown>,
  subject: Subject,
  options: RunOptions,
): Promise<Observations> {
  const titles = options.titles ?? Object.keys(suite.cases);
  const isAlone = (title: string) => (suite.cases[title]?.alone ?? false) !== false;
  const folder = mkdtempSync(join(tmpdir(), 'transparency-'));
  try {
    const beside = await runBeside(
      suite,
      subject,
      options,
      titles.filter((title) => !isAlone(title)),
      folder,
    );
    const alone: [string, Observation][] = [];
    for (const title of titles.filter(isAlone)) {
      alone.push([title, await runAlone(suite, subject, options, title, join(folder, `alone-${alone.length}`))]);
    }
    return new Map([...beside, ...alone]);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Starts again after a case that ended the process. */
async function runBeside(
  suite: Suite<unknown>,
  subject: Subject,
  options: RunOptions,
  titles: readonly string[],
  folder: string,
): Promise<Map<string, Observation>> {
  const all = new Map<string, Observation>();
  for (let round = 0; all.size < titles.length; round++) {
    const left = titles.filter((title) => !all.has(title));
    const order = orderFor(suite, subject, options, left, false, join(folder, `beside-${round}`));
    const exit = await runChild(subject, order, [], LONGEST_MS);
    const lines = readLines(order.resultFile);
    for (const { title, ...observation } of lines)
      if (title !== undefined) all.set(title, observation as Observation);
    const killer = lines.findLast(({ began }) => began !== undefined)?.began;
    if (killer === undefined) throw new Error(`${subject.title} does not start: ${exit.stderr.slice(-2_000)}`);
    if (!all.has(killer)) all.set(killer, { ...NOTHING, exit });
  }
  return all;
}

async function runAlone(
  suite: Suite<unknown>,
  subject: Subject,
  options: RunOptions,
  title: string,
  folder: string,
): Promise<Observation> {
  const { alone } = suite.cases[title] ?? {};
  const order = orderFor(suite, subject, options, [title], true, folder);
  const nodeArgs = typeof alone === 'object' ? (alone.nodeArgs ?? []) : [];
  const exit = await runChild(subject, order, nodeArgs, ALONE_LIMIT_MS);
  const [line] = readLines(order.resultFile);
  const spans = subject.id === 'autolog' ? await readSpans(folder) : (line?.spans ?? []);
  return { ...NOTHING, ...line, ended: exit.signal === null, spans, exit };
}

const NOTHING: Observation = {
  outcome: '(the process ended)',
  ended: false,
  unhandled: [],
  warnings: [],
  notes: {},
  spans: [],
};

function orderFor(
  suite: Suite<unknown>,
  subject: Subject,
  { root, aliases = {}, env, sinkUrl }: RunOptions,
  titles: readonly string[],
  isAlone: boolean,
  folder: string,
): Order {
  mkdirSync(folder);
  return {
    suite: suite.name,
    subject: subject.id,
    loading: subject.loading,
    root,
    aliases,
    titles,
    isAlone,
    resultFile: join(folder, 'observations.jsonl'),
    sinkUrl,
    env,
  };
}

/** A process of its own group's folder, without this process's settings of the tracers. */
function runChild(
  subject: Subject,
  order: Order,
  nodeArgs: readonly string[],
  limitMs: number,
): Promise<ProcessEnd> {
  const args = [...subject.nodeArgs, ...nodeArgs, PROGRAM, JSON.stringify(order)];
  const cwd = join(order.resultFile, '..');
  const child = spawn(process.execPath, args, { cwd, env: bareEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (piece) => (texts.stdout += piece));
  child.stderr.on('data', (piece) => (texts.stderr += piece));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, ...texts });
    });
  });
}

function bareEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'npm_config_cache'];
  return Object.fromEntries(kept.map((name) => [name, process.env[name]]));
}

interface Line extends Partial<Observation> {
  readonly began?: string;
  readonly title?: string;
}

function readLines(file: string): Line[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
}
