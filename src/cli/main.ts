#!/usr/bin/env node
import '../node-version.ts';
import { writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { Command } from 'commander';
import { errorMessage } from '../errors.ts';
import { VERSION } from '../version.ts';
import type { DbAction } from './db.ts';
import type { ShowOptions } from './show.ts';
import type { SyncOptions } from './sync.ts';

interface DoctorFlags {
  readonly json?: boolean;
  readonly output?: string;
}

const program = new Command('autolog')
  .description('MLflow for JavaScript and TypeScript')
  .version(VERSION)
  .enablePositionalOptions()
  .showHelpAfterError('(`autolog --help` lists what there is)')
  .addHelpText('after', examples());

program
  .command('show')
  .description('show what was recorded: runs with their curves and models, traces as trees')
  .option('-u, --tracking-uri <uri>', 'store to read (default: MLFLOW_TRACKING_URI, else sqlite:///mlflow.db)')
  .option('-e, --experiment <name>', 'only this experiment')
  .option('-n, --last <count>', 'so many runs and traces of each experiment', parseCount, 5)
  .action(async (options: ShowOptions) => {
    // Whoever looks waits: MLflow's seven retries of a server that is away take four minutes.
    process.env.MLFLOW_HTTP_REQUEST_MAX_RETRIES ??= '2';
    const { show } = await import('./show.ts');
    process.stdout.write(`${(await show(options)).join('\n')}\n`);
  });

program
  .command('doctor')
  .description(
    'say whether autologging works in this folder, or in a script that is run, and what helps where not',
  )
  .argument('[script]', 'script to run and to report on (the report goes to stderr)')
  .argument('[args...]', 'its arguments')
  .option('--json', 'report as JSON')
  .option('-o, --output <file>', 'write the report to a file')
  .passThroughOptions()
  .action(async (script: string | undefined, args: string[], flags: DoctorFlags) => {
    await doctor(script, args, flags);
  });

program
  .command('sync')
  .description(
    'deliver what programs have logged and a store does not have yet, as they ended too soon or it was away',
  )
  .option(
    '-u, --tracking-uri <uri>',
    'store to deliver to (default: MLFLOW_TRACKING_URI, else sqlite:///mlflow.db)',
  )
  .option('--json', 'report as JSON')
  .action(async (options: SyncOptions) => {
    const { sync } = await import('./sync.ts');
    const { lines, exitCode } = await sync(options);
    process.stdout.write(`${lines.join('\n')}\n`);
    process.exitCode = exitCode;
  });

const database = program.command('db').description('look after the tables of a database');
for (const [action, description] of [
  ['version', 'say which tables it has, and which MLflow opens it'],
  ['check', 'say whether it can be used as it is, and what helps where not (exit code 1)'],
  ['upgrade', 'make missing tables and indexes, and bring those of autolog up to date'],
] as const) {
  database
    .command(action)
    .description(description)
    .argument('[uri]', 'tracking URI of the database (default: MLFLOW_TRACKING_URI, else sqlite:///mlflow.db)')
    .option('--json', 'report as JSON')
    .action((uri: string | undefined, flags: { readonly json?: boolean }) => lookAfter(action, uri, flags));
}

async function lookAfter(
  action: DbAction,
  uri: string | undefined,
  flags: { readonly json?: boolean },
): Promise<void> {
  const { db } = await import('./db.ts');
  const { lines, exitCode } = await db(action, uri, flags);
  process.stdout.write(`${lines.join('\n')}\n`);
  process.exitCode = exitCode;
}

/** Exit code: that of a script that failed, else 0 where all is well and 1 where there are problems. */
async function doctor(script: string | undefined, args: readonly string[], flags: DoctorFlags): Promise<void> {
  const { examine } = await import('./doctor/doctor.ts');
  const { printDiagnosis } = await import('./doctor/print-diagnosis.ts');
  const { styleFor } = await import('./terminal.ts');
  const diagnosis = await examine({ script, args });
  const stream = script === undefined ? process.stdout : process.stderr;
  styleFor(stream);
  const lines = flags.json ? [JSON.stringify(diagnosis, null, 2)] : printDiagnosis(diagnosis);
  const text = `${lines.join('\n')}\n`;
  if (flags.output === undefined) stream.write(text);
  else writeFileSync(flags.output, stripVTControlCharacters(text));
  process.exitCode = diagnosis.script?.exitCode || (diagnosis.isHealthy ? 0 : 1);
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new Error(`--last is '${text}': give a whole number from 1.`);
  return count;
}

function examples(): string {
  return `
Examples:
  autolog show                    what the runs and traces in this folder are
  autolog doctor                  is everything in place here?
  autolog doctor train.mjs --lr 1 run a script and tell what was logged of it, or why nothing was
  autolog sync                    deliver what is still waiting
  autolog db check                can the database be used as it is?`;
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`autolog: ${errorMessage(error)}\n`);
  process.exitCode = 1;
}
