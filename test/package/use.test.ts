import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { nodeExecutables, nodeVersion } from '../support/requirements.ts';
import { installPackage, packPackage, ROOT } from './packed-package.ts';

const execute = promisify(execFile);
const FOLDER = path.join(process.cwd(), 'program');

const INTEGRATIONS = fs
  .readdirSync(path.join(ROOT, 'integrations'))
  .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
  .map((file) => path.basename(file, '.ts'));

const BODY = `
autolog();
withRun({ runName: 'program' }, () => {
  logParam('size', 3);
  logMetric('loss', 0.5, { step: 1 });
});
`;

const PROGRAMS = {
  'program.mjs': `import { autolog, logMetric, logParam, withRun } from 'autolog';${BODY}`,
  'program.cjs': `const { autolog, logMetric, logParam, withRun } = require('autolog');${BODY}`,
  'program.mts': `import { autolog, logMetric, logParam, withRun, type AutologError } from 'autolog';${BODY}
export type Code = AutologError['code'];`,
};

beforeAll(async () => {
  const { file } = await packPackage(process.cwd());
  await installPackage(file, FOLDER);
  for (const [name, text] of Object.entries(PROGRAMS)) fs.writeFileSync(path.join(FOLDER, name), text);
});

describe.each(nodeExecutables().map((node) => ({ node, version: nodeVersion(node) })))(
  'the installed package on Node $version',
  ({ node, version }) => {
    it.for(Object.keys(PROGRAMS))('records a run of %s', async (program, { skip }) => {
      skip(program.endsWith('.mts') && isOlder(version, 22, 18), 'Node before 22.18 runs no TypeScript by itself');
      const folder = fs.mkdtempSync(path.join(FOLDER, 'run-'));
      const { stderr } = await execute(node, [path.join(FOLDER, program)], { cwd: folder });
      expect(stderr).toBe('');
      expect(recorded(folder)).toEqual({ name: 'program', status: 'FINISHED', size: '3', loss: 0.5, step: 1 });
    });

    it('has every integration as an entry point of its own', async () => {
      const text = `const names = ${JSON.stringify(INTEGRATIONS)};
        for (const name of names) console.log(name, typeof (await import('autolog/' + name)).autolog);`;
      const { stdout } = await execute(node, ['--input-type=module', '-e', text], { cwd: FOLDER });
      expect(stdout.trim().split('\n')).toEqual(INTEGRATIONS.map((name) => `${name} function`));
    });

    it('has the integration contract and package.json as entry points', async () => {
      const text = `import { autologgingIntegration } from 'autolog/integration';
        import manifest from 'autolog/package.json' with { type: 'json' };
        console.log(typeof autologgingIntegration, manifest.name);`;
      const args = ['--no-warnings', '--input-type=module', '-e', text];
      const { stdout } = await execute(node, args, { cwd: FOLDER });
      expect(stdout.trim()).toBe('function autolog');
    });

    it('is switched on by --import autolog/register', async () => {
      const args = ['--import', 'autolog/register', '-e', 'console.log("ran")'];
      const { stdout, stderr } = await execute(node, args, { cwd: FOLDER });
      expect({ stdout, stderr }).toEqual({ stdout: 'ran\n', stderr: '' });
    });
  },
);

describe('the installed command', () => {
  it('says its version', async () => {
    const manifest = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    const { stdout } = await execute(path.join(FOLDER, 'node_modules/.bin/autolog'), ['--version']);
    expect(stdout.trim()).toBe(manifest.version);
  });
});

/** The one run that a program recorded in the default store of a folder. */
function recorded(folder: string): unknown {
  const db = new DatabaseSync(path.join(folder, 'mlflow.db'), { readOnly: true });
  const row = db
    .prepare(
      `SELECT runs.name, runs.status, params.value AS size, metrics.value AS loss, metrics.step
       FROM runs JOIN params USING (run_uuid) JOIN metrics USING (run_uuid)`,
    )
    .all();
  db.close();
  return row.length === 1 ? { ...row[0] } : row;
}

function isOlder(version: string | undefined, major: number, minor: number): boolean {
  const [actualMajor = 0, actualMinor = 0] = (version ?? '').slice(1).split('.').map(Number);
  return actualMajor < major || (actualMajor === major && actualMinor < minor);
}
