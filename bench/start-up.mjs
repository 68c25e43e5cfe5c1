import { execFileSync } from 'node:child_process';

const ROUNDS = 15;

/** Time from importing the package to the end of `autolog()` with no library loaded, and what it loads. */
export async function measureStartUp() {
  const runs = Array.from({ length: ROUNDS }, () => ({ empty: start('empty'), autolog: start('autolog') }));
  const inProcess = runs.map(({ autolog }) => autolog.importMs + autolog.callMs);
  const { files, builtins } = start('count');
  return [
    {
      name: 'start-up: import and autolog()',
      value: median(inProcess),
      unit: 'ms',
      aim: '<= 50',
      note: 'no library loaded',
    },
    { name: 'start-up: of that, autolog()', value: median(runs.map(({ autolog }) => autolog.callMs)), unit: 'ms' },
    {
      name: 'start-up: whole process above an empty one',
      value: median(runs.map((r) => r.autolog.wallMs - r.empty.wallMs)),
      unit: 'ms',
    },
    {
      name: 'start-up: files loaded',
      value: files,
      unit: 'files',
      note: `${builtins} of Node's own modules beside`,
    },
  ];
}

function start(mode) {
  const began = performance.now();
  const output = execFileSync(process.execPath, [new URL('start-up-program.mjs', import.meta.url).pathname, mode]);
  return { wallMs: performance.now() - began, ...JSON.parse(output.toString()) };
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
