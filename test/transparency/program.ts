/** Runs cases under a subject, as a child process; its last argument is an `Order`. */
import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Observation, Program, SeenSpan, Suite, Switched, TransparencyCase } from './case.ts';
import { describeValue } from './describe-value.ts';
import { createLoader } from './load-library.ts';
import type { Order } from './order.ts';
import { switchOn } from './switch-on.ts';

const CASE_LIMIT_MS = 6_000;
const QUIET_MS = 25;

const order = JSON.parse(process.argv.at(-1) ?? '') as Order;
Object.assign(process.env, order.env);
const switched = await switchOn(order);
const { suite } = (await import(`./cases/${order.suite}/index.ts`)) as { suite: Suite<unknown> };
const load = createLoader(order, createRequire(pathToFileURL(join(order.root, 'x.js'))), switched);
if (order.isAlone) await runAlone(order.titles[0] ?? '');
else for (const title of order.titles) write({ title, ...(await runBesideOthers(title)) });

/** Nothing is listened to here, and nothing kept alive: the process ends by itself. */
async function runAlone(title: string): Promise<void> {
  const notes: Record<string, unknown[]> = {};
  const context = await suite.createContext(programFor(switched, notes));
  let outcome: unknown = '(did not end)';
  process.on('exit', () => {
    const spans = order.subject === 'autolog' ? [] : switched.spans();
    write({ title, outcome, notes, spans: Array.isArray(spans) ? spans : [] });
  });
  if (order.subject !== 'autolog') process.once('beforeExit', () => void switched.flush());
  outcome = await outcomeOf(caseOf(title), context);
}

async function runBesideOthers(title: string): Promise<Omit<Observation, 'exit'>> {
  write({ began: title });
  const notes: Record<string, unknown[]> = {};
  const unhandled: string[] = [];
  const warnings: string[] = [];
  const known = new Set((await spansSoFar(switched)).map(({ id }) => id));
  const onUnhandled = (error: unknown) => unhandled.push(String(error));
  const onWarning = ({ name, message }: Error) => warnings.push(`${name}: ${message}`);
  process.on('unhandledRejection', onUnhandled).on('uncaughtException', onUnhandled).on('warning', onWarning);
  const context = await suite.createContext(programFor(switched, notes));
  const tooLate = new AbortController();
  const outcome = await Promise.race([
    outcomeOf(caseOf(title), context),
    wait(CASE_LIMIT_MS, '(did not end)', { signal: tooLate.signal }),
  ]);
  tooLate.abort();
  await suite.settle?.(context);
  await wait(QUIET_MS);
  process.off('unhandledRejection', onUnhandled).off('uncaughtException', onUnhandled).off('warning', onWarning);
  const spans = (await spansSoFar(switched)).filter(({ id }) => !known.has(id));
  return { outcome, ended: outcome !== '(did not end)', unhandled, warnings, notes, spans };
}

function outcomeOf({ run }: TransparencyCase<unknown>, context: unknown): Promise<unknown> {
  return Promise.resolve()
    .then(() => run(context))
    .then(
      (value) => ({ value: describeValue(value) }),
      (error: unknown) => ({ error: describeValue(error) }),
    );
}

async function spansSoFar({ flush, spans }: Switched): Promise<readonly SeenSpan[]> {
  await flush();
  return spans();
}

function programFor({ wrapClient, callbacks }: Switched, notes: Record<string, unknown[]>): Program {
  return {
    load,
    wrapClient: <T>(client: T) => (wrapClient?.(client) ?? client) as T,
    callbacks: () => callbacks?.() ?? [],
    note(kind, value) {
      notes[kind] ??= [];
      notes[kind].push(describeValue(value));
    },
    env: order.env,
  };
}

function caseOf(title: string): TransparencyCase<unknown> {
  const found = suite.cases[title];
  if (found === undefined) throw new Error(`The suite ${suite.name} has no case '${title}'.`);
  return found;
}

function write(line: object): void {
  appendFileSync(order.resultFile, `${JSON.stringify(line)}\n`);
}
