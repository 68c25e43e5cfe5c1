import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { SchemaReport } from '../../src/store/schema-store.ts';
import { requireMariadb, requirePostgresql } from '../support/servers.ts';
import { makeProject, runCommand } from './doctor-setup.ts';

const INDEXES = ['autolog_runs_by_start', 'autolog_latest_metrics_by_value'];

describe.concurrent('autolog db', () => {
  it.each(['version', 'check'])('%s tells that there is no database, and makes none', async (action) => {
    const project = makeProject();
    const { exitCode, stdout, stderr } = await runCommand(project, ['db', action]);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^autolog: Cannot look at the database '.*mlflow\.db': there is no such file; name another/,
    );
    expect(fs.existsSync(path.join(project, 'mlflow.db'))).toBe(false);
  });

  it('upgrade makes a database, which is good then', async () => {
    const project = makeProject();
    const made = await runCommand(project, ['db', 'upgrade']);
    expect([made.exitCode, made.stderr]).toEqual([0, '']);
    expect(made.stdout).toContain('revision 7d34483879f0, opened as it is by MLflow 3.11.2 to 3.12');
    expect(made.stdout).toContain('Made all tables.');

    const again = await runCommand(project, ['db', 'upgrade', 'sqlite:///mlflow.db']);
    expect([again.exitCode, again.stdout]).toEqual([0, expect.stringContaining('There was nothing to do.')]);
    const checked = await runCommand(project, ['db', 'check'], {
      env: { MLFLOW_TRACKING_URI: 'sqlite:///mlflow.db' },
    });
    expect([checked.exitCode, checked.stdout]).toEqual([0, expect.stringContaining('It can be used as it is.')]);
  });

  it('upgrade makes what an older autolog did not', async () => {
    const project = await makeDatabase(
      `DROP TABLE autolog_schema; DROP INDEX ${INDEXES[0]}; DROP INDEX ${INDEXES[1]}`,
    );
    const checked = await runCommand(project, ['db', 'check']);
    expect(checked.exitCode).toBe(0);
    expect(checked.stdout).toContain(`Searches are slower without ${INDEXES.join(', ')}. \`autolog db upgrade\``);
    const upgraded = await runCommand(project, ['db', 'upgrade']);
    expect(upgraded.stdout).toContain(`Made the indexes ${INDEXES.join(', ')}.`);
    expect(await report(project)).toMatchObject({ ownVersion: 1, missingIndexes: [], problem: null });
  });

  it('names the command that upgrades an older MLflow’s database', async () => {
    const project = await makeDatabase(
      "DROP TABLE spans; UPDATE alembic_version SET version_num = '400f98739977'",
    );
    const advice = `run \`mlflow db upgrade sqlite:///${path.join(project, 'mlflow.db')}\``;
    const checked = await runCommand(project, ['db', 'check']);
    expect([checked.exitCode, checked.stdout]).toEqual([1, expect.stringContaining(advice)]);
    const upgraded = await runCommand(project, ['db', 'upgrade']);
    expect([upgraded.exitCode, upgraded.stderr]).toEqual([1, expect.stringContaining(advice)]);
    const version = await runCommand(project, ['db', 'version']);
    expect([version.exitCode, version.stdout]).toEqual([0, expect.stringContaining('revision 400f98739977')]);
  });

  it('refuses a database of something else', async () => {
    const project = makeProject();
    execute(path.join(project, 'mlflow.db'), 'CREATE TABLE plants (name TEXT)');
    const { exitCode, stderr } = await runCommand(project, ['db', 'upgrade']);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining('it holds other tables and is no MLflow database'),
    ]);
  });

  it.each(['version', 'check', 'upgrade'])('%s reports as JSON', async (action) => {
    const project = await makeDatabase();
    expect(await report(project, action)).toMatchObject({
      name: path.join(project, 'mlflow.db'),
      revision: '7d34483879f0',
      releases: '3.11.2 to 3.12',
      ownVersion: 1,
      knownOwnVersion: 1,
      missingIndexes: [],
      problem: null,
    });
  });

  it('shows no secret of a URI', async () => {
    const { exitCode, stdout, stderr } = await runCommand(makeProject(), [
      'db',
      'check',
      'nosql://ada:s3cret@host/db',
    ]);
    expect(exitCode).toBe(1);
    expect(stdout + stderr).not.toContain('s3cret');
  });
});

describe.each([
  ['PostgreSQL', requirePostgresql()],
  ['MariaDB', requireMariadb()],
] as const)('autolog db on %s', (_name, server) => {
  it.skipIf(server.isMissing)(server.title('makes a database, finds it good, and shows no secret'), async () => {
    const uri = await server.createDatabase();
    const { password, host, pathname } = new URL(uri);
    const project = makeProject();
    const empty = await runCommand(project, ['db', 'check', uri]);
    expect(empty.exitCode).toBe(1);
    expect(empty.stdout).toMatch(/It has no tables yet; run `autolog db upgrade /);
    const looked = await runCommand(project, ['show', '-u', uri]);
    expect([looked.exitCode, looked.stderr]).toEqual([1, expect.stringContaining('there is no such database')]);
    const made = await runCommand(project, ['db', 'upgrade', uri]);
    expect([made.exitCode, made.stdout]).toEqual([0, expect.stringContaining('Made all tables.')]);
    const shown = await runCommand(project, ['show', '-u', uri]);
    expect([shown.exitCode, shown.stdout]).toEqual([
      0,
      expect.stringContaining('Nothing has been recorded here yet.'),
    ]);
    const checked = await runCommand(project, ['db', 'check', uri]);
    expect([checked.exitCode, checked.stdout]).toEqual([0, expect.stringContaining('It can be used as it is.')]);
    const wrong = uri.replace(password, `${password}-wrong`);
    const refused = await runCommand(project, ['db', 'version', wrong]);
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/^autolog: Cannot use the database /),
    ]);
    const output = [empty, looked, made, shown, checked, refused]
      .flatMap(({ stdout, stderr }) => [stdout, stderr])
      .join('');
    expect(output).toContain(`${host}${pathname}`);
    expect(output).not.toContain(password);
  });
});

async function report(project: string, action = 'check'): Promise<SchemaReport> {
  const { exitCode, stdout } = await runCommand(project, ['db', action, '--json']);
  expect(exitCode).toBe(0);
  return JSON.parse(stdout);
}

async function makeDatabase(changes = ''): Promise<string> {
  const project = makeProject();
  await runCommand(project, ['db', 'upgrade']);
  execute(path.join(project, 'mlflow.db'), changes);
  return project;
}

function execute(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}
