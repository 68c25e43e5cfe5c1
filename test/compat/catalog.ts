import type { DatabaseSync } from 'node:sqlite';
import type { RawServer } from '../support/raw-server.ts';

/**
 * Lists what makes up a database's schema, one line for each: columns with types, defaults and whether they may be
 * null; keys, constraints and indexes with their names; triggers. What is ours alone is left out.
 */
export async function listCatalog(server: RawServer): Promise<string[]> {
  const lines = await (server.dialect === 'postgresql' ? listPostgresql(server) : listMysql(server));
  return lines.filter((line) => !line.includes('autolog_')).sort();
}

async function listPostgresql(server: RawServer): Promise<string[]> {
  const queries = [
    `SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
        || CASE WHEN a.attgenerated = '' THEN ' DEFAULT ' ELSE ' GENERATED ' END
        || coalesce(pg_get_expr(d.adbin, d.adrelid), '-') AS line
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped`,
    `SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) AS line
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace`,
    "SELECT indexdef AS line FROM pg_indexes WHERE schemaname = 'public'",
    `SELECT sequence_name || ' ' || data_type || ' ' || start_value AS line FROM information_schema.sequences`,
    'SELECT pg_get_triggerdef(oid) AS line FROM pg_trigger WHERE NOT tgisinternal',
    `SELECT proname || ' ' || prosrc AS line FROM pg_proc WHERE pronamespace = 'public'::regnamespace`,
  ];
  const lines: string[] = [];
  for (const query of queries) lines.push(...(await server.query(query)).map(({ line }) => String(line)));
  return lines;
}

async function listMysql(server: RawServer): Promise<string[]> {
  const tables = await server.query(
    'SELECT table_name AS "name" FROM information_schema.tables WHERE table_schema = DATABASE()',
  );
  const lines: string[] = [];
  for (const { name } of tables) {
    const [created] = await server.query(`SHOW CREATE TABLE "${name}"`);
    for (const line of String(created?.['Create Table']).split('\n')) {
      lines.push(
        `${name}: ${line
          .trim()
          .replace(/,$/, '')
          .replace(/ AUTO_INCREMENT=\d+/, '')}`,
      );
    }
  }
  const triggers = await server.query('SHOW TRIGGERS');
  return [...lines, ...triggers.map((it) => words(`${it.Trigger} ${it.Timing} ${it.Event} ${it.Statement}`))];
}

/** As {@link listCatalog}, for a SQLite file. */
export function listSqliteCatalog(database: DatabaseSync): string[] {
  const names = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  const lines = names.flatMap(({ name }) => {
    const table = String(name);
    const rows = (pragma: string) => database.prepare(`PRAGMA ${pragma}`).all();
    const columns = rows(`table_xinfo("${table}")`).map((it) => Object.values(it).slice(1).join(' '));
    const keys = rows(`foreign_key_list("${table}")`).map(({ id, ...it }) => Object.values(it).join(' '));
    const indexes = rows(`index_list("${table}")`).map((it) => {
      const parts = rows(`index_info("${it.name}")`).map((part) => part.name);
      return `${it.origin === 'c' ? it.name : it.origin} ${it.unique} (${parts})`;
    });
    return [...columns, ...keys, ...indexes].map((line) => `${table}: ${line}`);
  });
  const texts = database.prepare('SELECT type, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL').all();
  for (const { type, tbl_name: table, sql } of texts) {
    if (type === 'trigger') lines.push(words(String(sql)));
    for (const constraint of words(String(sql)).match(/CONSTRAINT \w+ \w+|CHECK ?\(\w+ IN \([^)]*\)\)/g) ?? []) {
      lines.push(`${table}: ${constraint.replaceAll(' ', '')}`);
    }
  }
  return lines.filter((line) => !line.includes('autolog_')).sort();
}

function words(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
