import type { DialectName } from '../dialect.ts';
import { ENGINE_DEFINITIONS } from './engine-definitions.ts';
import { INDEXES } from './indexes.ts';
import { OTHER_TABLES } from './other-tables.ts';
import { TRACKING_TABLES } from './tracking-tables.ts';

/** Statements that make MLflow's tables and their indexes on an engine; tables come after those that they refer to. */
export function writeTables(dialect: DialectName): readonly string[] {
  const tables = Object.entries({ ...TRACKING_TABLES, ...OTHER_TABLES });
  return inOrder(tables).flatMap(([table, definitions]) => writeTable(table, definitions, dialect));
}

type Table = readonly [name: string, definitions: readonly string[]];

function inOrder(tables: readonly Table[]): readonly Table[] {
  const ordered = new Set<Table>();
  const add = (table: Table) => {
    if (ordered.has(table)) return;
    for (const other of tables) if (other !== table && refersTo(table, other[0])) add(other);
    ordered.add(table);
  };
  tables.forEach(add);
  return [...ordered];
}

function refersTo([, definitions]: Table, table: string): boolean {
  return definitions.some((definition) => definition.includes(` REFERENCES ${table} `));
}

function writeTable(table: string, standard: readonly string[], dialect: DialectName): readonly string[] {
  const own = ENGINE_DEFINITIONS[dialect][table] ?? {};
  const definitions = standard.flatMap(
    (definition) => own[firstWord(definition)] ?? translate(definition, dialect),
  );
  const indexes = INDEXES.filter((index) => index.includes(` ON ${table} (`));
  const all = definitions.concat(own.also ?? []);
  if (dialect !== 'mysql') return [create(`TABLE ${table}`, all), ...indexes.map((index) => `CREATE ${index}`)];
  // MySQL commits each statement by itself: one that is run again, after a process died, must change nothing.
  return [
    create(`TABLE IF NOT EXISTS ${table}`, [...all, ...indexes.map((index) => index.replace(` ON ${table}`, ''))]),
  ];
}

function create(what: string, definitions: readonly string[]): string {
  return `CREATE ${what} (\n\t${definitions.join(',\n\t')}\n)`;
}

function firstWord(definition: string): string {
  return /^"?(\w+)/.exec(definition)?.[1] ?? '';
}

/** Makes a definition in standard SQL, which SQLite takes as it is, into one for another engine. */
function translate(definition: string, dialect: DialectName): string {
  if (dialect === 'sqlite' || CONSTRAINT.test(definition)) return definition;
  if (dialect === 'mssql' && definition.includes(GENERATED)) {
    return definition.replace(/ \w+ GENERATED ALWAYS AS (\(.*\)) STORED/, ' AS $1 PERSISTED');
  }
  return definition.replace(/^("?\w+"?) ([A-Z]+)/, (_, name: string, type: string) => {
    return `${name} ${TYPES[dialect][type] ?? type}`;
  });
}

const CONSTRAINT = /^(CONSTRAINT|FOREIGN|CHECK)\b/;
const GENERATED = 'GENERATED ALWAYS AS';

const TYPES: Readonly<Record<DialectName, Readonly<Record<string, string>>>> = {
  sqlite: {},
  postgresql: { BLOB: 'BYTEA' },
  mysql: { FLOAT: 'DOUBLE' },
  mssql: { BOOLEAN: 'BIT', TEXT: 'VARCHAR(max)', JSON: 'NVARCHAR(max)', BLOB: 'VARBINARY(max)' },
};
