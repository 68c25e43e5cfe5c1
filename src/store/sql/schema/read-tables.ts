import { all, first, type Operation } from '../operation.ts';
import { perDialect } from '../statement.ts';

/** Columns by table, each with whether an insert has to give it a value. */
export type TableColumns = ReadonlyMap<string, ReadonlyMap<string, boolean>>;

/** Reads which tables there are, in the schema that statements without one mean, and their columns. */
export function* readTables(): Operation<TableColumns> {
  const tables = new Map<string, Map<string, boolean>>();
  for (const row of yield* all(COLUMNS)) {
    const name = String(row.table_name);
    const columns = tables.get(name) ?? new Map<string, boolean>();
    tables.set(name, columns.set(String(row.column_name), Boolean(Number(row.demanded))));
  }
  return tables;
}

/** Whether a table exists. */
export function* hasTable(name: string): Operation<boolean> {
  return (yield* first(TABLE, name)) !== undefined;
}

const COLUMNS = perDialect((dialect) => {
  switch (dialect) {
    case 'sqlite':
      return `SELECT t.name AS table_name, c.name AS column_name, c."notnull" = 1 AND c.dflt_value IS NULL AS demanded
        FROM sqlite_master AS t, pragma_table_info(t.name) AS c
        WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!'`;
    case 'postgresql':
      return `SELECT c.relname AS table_name, a.attname AS column_name,
          a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS demanded
        FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped`;
    case 'mysql':
      return `SELECT c.table_name AS "table_name", c.column_name AS "column_name",
          c.is_nullable = 'NO' AND c.column_default IS NULL AND c.extra NOT LIKE '%auto_increment%'
            AND c.extra NOT LIKE '%GENERATED%' AS "demanded"
        FROM information_schema.columns c JOIN information_schema.tables t
          ON t.table_schema = c.table_schema AND t.table_name = c.table_name
        WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'`;
    case 'mssql':
      return `SELECT t.name AS table_name, c.name AS column_name,
          CASE WHEN c.is_nullable = 0 AND c.default_object_id = 0 AND c.is_identity = 0 AND c.is_computed = 0
            THEN 1 ELSE 0 END AS demanded
        FROM sys.columns c JOIN sys.tables t ON t.object_id = c.object_id
        WHERE t.schema_id = SCHEMA_ID()`;
  }
});

const TABLE = perDialect((dialect) => {
  switch (dialect) {
    case 'sqlite':
      return "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = ?";
    case 'postgresql':
      return 'SELECT 1 AS found FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename = ?';
    case 'mysql':
      return 'SELECT 1 AS found FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?';
    case 'mssql':
      return 'SELECT 1 AS found FROM sys.tables WHERE schema_id = SCHEMA_ID() AND name = ?';
  }
});
