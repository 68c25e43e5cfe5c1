import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { installPackage, packPackage, ROOT } from './packed-package.ts';

const FOLDER = path.join(process.cwd(), 'program');

const PROGRAM = `import { autolog, logMetric, type AutologError } from 'autolog';
import { autologgingIntegration } from 'autolog/integration';
import { autolog as autologOpenai } from 'autolog/openai';

autolog({ silent: true });
autologOpenai({ logTraces: false });
logMetric('loss', 0.5, { step: 1 });
export const code = (error: AutologError): string => error.code;
export const define: Function = autologgingIntegration;
`;

const WRONG = `import { autolog, logMetric } from 'autolog';
autolog({ silent: 'yes' });
logMetric('loss', 'low');
`;

/** Ways in which TypeScript programs find the types of a package. */
const RESOLUTIONS = [
  { moduleResolution: 'nodenext', module: 'nodenext', file: 'program.mts' },
  { moduleResolution: 'nodenext', module: 'nodenext', file: 'program.cts' },
  { moduleResolution: 'bundler', module: 'esnext', file: 'program.ts' },
];

beforeAll(async () => {
  const { file } = await packPackage(process.cwd());
  await installPackage(file, FOLDER);
});

describe.each(RESOLUTIONS)('the types under $moduleResolution in $file', ({ file, ...options }) => {
  it('resolve, and are sound themselves', async () => {
    const withNode = { types: ['node'], typeRoots: [path.join(ROOT, 'node_modules/@types')], skipLibCheck: false };
    expect(await errorsOf(file, PROGRAM, { ...options, ...withNode })).toEqual([]);
  });

  it('resolve in a program without the types of Node', async () => {
    expect(await errorsOf(file, PROGRAM, options)).toEqual([]);
  });

  it('refuse wrong arguments', async () => {
    expect(await errorsOf(file, WRONG, options)).toEqual([`${file}(2): TS2322`, `${file}(3): TS2345`]);
  });
});

/** Compiles one file beside the installed package; each error is "file(line): code". */
async function errorsOf(file: string, text: string, options: object): Promise<string[]> {
  const compilerOptions = {
    target: 'es2024',
    lib: ['es2024'],
    types: [],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    ...options,
  };
  fs.writeFileSync(path.join(FOLDER, file), text);
  fs.writeFileSync(path.join(FOLDER, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }));
  const output = await new Promise<string>((resolve) => {
    // Findings make the exit code 2, so that the error says nothing here.
    execFile(path.join(ROOT, 'node_modules/.bin/tsc'), ['--pretty', 'false'], { cwd: FOLDER }, (_, stdout) =>
      resolve(stdout),
    );
  });
  return output
    .split('\n')
    .filter((line) => /error TS\d+/.test(line))
    .map((line) => line.replace(/^(.+)\((\d+),\d+\): error (TS\d+).*/, '$1($2): $3'));
}
