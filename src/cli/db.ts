import { AutologError } from '../errors.ts';
import type { SchemaReport, SchemaStore } from '../store/schema-store.ts';
import { resolveTrackingStore } from '../store/store-uri.ts';
import { getTrackingUri } from '../tracking/settings.ts';
import { hideSecrets } from './doctor/hide-secrets.ts';
import { style, table } from './terminal.ts';

/** What `autolog db` does with a database. */
export type DbAction = 'version' | 'check' | 'upgrade';

/** What a command prints, and the code that it exits with. */
export interface DbResult {
  readonly lines: readonly string[];
  /** 1 where a check has found a database that cannot be used as it is. */
  readonly exitCode: 0 | 1;
}

/**
 * Tells which schema a database has, checks it, or makes and upgrades what is ours in it.
 *
 * @throws {AutologError} when there is no such database, or when MLflow has to upgrade it first.
 */
export async function db(
  action: DbAction,
  uri: string | undefined,
  { json = false }: { readonly json?: boolean },
): Promise<DbResult> {
  const store = resolveTrackingStore(uri ?? getTrackingUri());
  if (!store.schema) {
    throw new AutologError(
      'INVALID_PARAMETER_VALUE',
      `Cannot look at the tables behind '${hideSecrets(store.uri)}': the server there looks after them; name its database.`,
    );
  }
  try {
    return await ACTIONS[action](store.schema, json);
  } finally {
    await store.close();
  }
}

type Act = (schema: SchemaStore, json: boolean) => Promise<DbResult>;

const ACTIONS: Readonly<Record<DbAction, Act>> = { version, check, upgrade };

async function version(schema: SchemaStore, json: boolean): Promise<DbResult> {
  const report = await schema.report();
  return { lines: json ? toJson(report) : printVersion(report), exitCode: 0 };
}

async function check(schema: SchemaStore, json: boolean): Promise<DbResult> {
  const report = await schema.report();
  const exitCode = report.problem === null ? 0 : 1;
  if (json) return { lines: toJson(report), exitCode };
  if (report.problem !== null) return { lines: [...printVersion(report), style.bad(report.problem)], exitCode };
  return {
    lines: [...printVersion(report), style.good('It can be used as it is.'), ...printAdvice(report)],
    exitCode,
  };
}

async function upgrade(schema: SchemaStore, json: boolean): Promise<DbResult> {
  const done = await schema.upgrade();
  const report = await schema.report();
  if (json) return { lines: toJson({ ...report, ...done }), exitCode: 0 };
  const changes: string[] = [];
  if (done.madeSchema) changes.push('Made all tables.');
  else if (done.ownVersionBefore === null) changes.push('Made the tables of autolog.');
  else if (done.ownVersionBefore !== report.ownVersion) changes.push('Brought the tables of autolog up to date.');
  if (done.madeIndexes.length > 0) changes.push(`Made the indexes ${done.madeIndexes.join(', ')}.`);
  if (changes.length === 0) changes.push('There was nothing to do.');
  return { lines: [...printVersion(report), ...changes.map(style.good)], exitCode: 0 };
}

function printVersion(report: SchemaReport): string[] {
  const { releases, revision, ownVersion, knownOwnVersion } = report;
  const openedBy = releases === null ? '' : `, opened as it is by MLflow ${releases}`;
  return [
    style.heading(report.name),
    ...table(
      [
        ['tables of MLflow', revision === null ? 'none' : `revision ${revision}${openedBy}`],
        ['tables of autolog', ownVersion === null ? 'none' : `version ${ownVersion} of ${knownOwnVersion}`],
      ],
      '  ',
    ),
  ];
}

function printAdvice({ missingIndexes, ownVersion, knownOwnVersion }: SchemaReport): string[] {
  if (ownVersion === knownOwnVersion && missingIndexes.length === 0) return [];
  const missing = missingIndexes.length > 0 ? `Searches are slower without ${missingIndexes.join(', ')}. ` : '';
  return [`${missing}\`autolog db upgrade\` makes what is missing.`];
}

function toJson(value: object): string[] {
  return [JSON.stringify(value, null, 2)];
}
