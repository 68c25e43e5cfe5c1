import { describe, expect, test } from 'vitest';
import { clientOf, runProgram } from './surroundings.ts';

/** A training, a trace and a run of the program's own are under way when the ending comes. */
const PROGRAM = (ending: string) => `
autologgingIntegration('trainer', {
  packages: { trainer: '*' },
  patches: [
    { target: 'train', training: { subject: ({ args }) => args[0], begin: (call, config, training) => {
      note = (step) => training.note({ metrics: { loss: 1 / (step + 1) } }, { step });
      return { params: { rate: 0.1 } };
    } } },
    { target: 'ask', span: { name: 'ask', type: 'LLM' } },
  ],
});
let note;
const trainer = {
  ask: (question) => question + '!',
  async train(model) {
    for (let step = 0; step < 1000; step++) note(step);
    await this.after();
    return model;
  },
};
autolog.autolog({ modules: { trainer } });
trainer.ask('before');
void autolog.withSpan({ name: 'open', inputs: 'open' }, () => new Promise(() => {}));
trainer.after = async () => { ${ending} };
await trainer.train({});
`;

const ENDINGS: readonly (readonly [string, string, number | string, string])[] = [
  ['by process.exit(0)', 'process.exit(0)', 0, 'FINISHED'],
  ['by process.exit(7)', 'process.exit(7)', 7, 'FAILED'],
  [
    'by an uncaught error',
    "setTimeout(() => { throw new Error('uncaught'); }); await new Promise(() => {})",
    1,
    'FAILED',
  ],
  [
    'by an unhandled rejection',
    "Promise.reject(new Error('unhandled')); await new Promise(() => {})",
    1,
    'FAILED',
  ],
  ['by an error of the training', "throw new Error('training')", 1, 'FAILED'],
  ['by an await that never comes back', 'await new Promise(() => {})', 13, 'FAILED'],
  [
    'by SIGKILL',
    "process.kill(process.pid, 'SIGKILL'); await new Promise((done) => setTimeout(done, 5000))",
    'SIGKILL',
    'KILLED',
  ],
  [
    'by SIGTERM',
    "process.kill(process.pid, 'SIGTERM'); await new Promise((done) => setTimeout(done, 5000))",
    'SIGTERM',
    'KILLED',
  ],
  [
    'by SIGINT',
    "process.kill(process.pid, 'SIGINT'); await new Promise((done) => setTimeout(done, 5000))",
    'SIGINT',
    'KILLED',
  ],
  ['by process.abort()', 'process.abort()', 'SIGABRT', 'KILLED'],
];

describe('a program that ends amid an autologged training', () => {
  test.concurrent.each(ENDINGS)(
    '%s loses nothing, and its exit code or signal is its own',
    async (_how, ending, code, status) => {
      const ended = await runProgram(PROGRAM(ending));
      expect(ended.signal ?? ended.status).toBe(code);

      const client = clientOf(ended.folder);
      const [run] = (await client.searchRuns({ experimentIds: ['0'] })).items;
      expect(run?.info.status).toBe(status);
      expect(run?.params).toMatchObject({ rate: '0.1' });
      expect(await client.getMetricHistory(run?.info.runId ?? '', 'loss')).toHaveLength(1000);
      const states = (await client.searchTraces({ experimentIds: ['0'] })).items.map(
        ({ state, requestPreview }) => `${requestPreview} ${state}`,
      );
      expect(states).toContain('"before" OK');
      if (typeof code === 'number') expect(states).toContain('"open" STATE_UNSPECIFIED');
    },
  );
});
