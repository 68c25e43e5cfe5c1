import { MlflowClient } from '../../src/tracking/client.ts';
import { logMetric } from '../../src/tracking/fluent/log.ts';
import { endRun, startRun, withRun } from '../../src/tracking/fluent/runs.ts';

/** What the program does after it has logged; its outcome is what the tests look at. */
const ENDINGS: Record<string, () => unknown> = {
  'by itself': () => undefined,
  'with an exit code it has set': () => {
    process.exitCode = 3;
  },
  'by exit(0)': () => process.exit(0),
  'by exit(3)': () => process.exit(3),
  'by exit(143)': () => process.exit(143),
  'by an uncaught error': () => setTimeout(() => thrower('uncaught')),
  'by an unhandled rejection': () => void Promise.reject(new Error('unhandled')),
  'after an error that it caught itself': () => {
    process.on('uncaughtException', () => undefined);
    setTimeout(() => thrower('caught'));
  },
  'by SIGTERM': () => process.kill(process.pid, 'SIGTERM'),
  'by SIGKILL': () => process.kill(process.pid, 'SIGKILL'),
  'by SIGKILL after it has ended its run': () => {
    endRun();
    process.kill(process.pid, 'SIGKILL');
  },
  'by SIGKILL in the middle of a delivered run': async () => {
    await new MlflowClient().searchExperiments();
    logMetric('late', 1);
    process.kill(process.pid, 'SIGKILL');
  },
  'by exit(0) inside withRun': () => withRun({ nested: true }, () => process.exit(0)),
};

const [ending = '', count = '100'] = process.argv.slice(2);
const run = startRun({ runName: ending });
for (let step = 0; step < Number(count); step++) logMetric('m', step, { step });
process.stdout.write(`${run.runId}\n`);
await ENDINGS[ending]?.();

function thrower(message: string): never {
  throw new Error(message);
}
