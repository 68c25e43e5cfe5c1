#!/usr/bin/env node
import '../node-version.ts';
import { Command } from 'commander';
import { errorMessage } from '../errors.ts';
import { VERSION } from '../version.ts';
import { type ShowOptions, show } from './show.ts';

const program = new Command('autolog').description('MLflow for JavaScript and TypeScript').version(VERSION);

program
  .command('show')
  .description('show what was recorded: runs with their curves and models, traces as trees')
  .option('-u, --tracking-uri <uri>', 'store to read (default: MLFLOW_TRACKING_URI, else sqlite:///mlflow.db)')
  .option('-e, --experiment <name>', 'only this experiment')
  .option('-n, --last <count>', 'so many runs and traces of each experiment', parseCount, 5)
  .action(async (options: ShowOptions) => {
    process.stdout.write(`${(await show(options)).join('\n')}\n`);
  });

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new Error(`--last is '${text}': give a whole number from 1.`);
  return count;
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`autolog: ${errorMessage(error)}\n`);
  process.exitCode = 1;
}
