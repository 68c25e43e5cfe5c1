/** Databases that the store's statements are written for. MariaDB is `mysql`, SQL Server is `mssql`. */
export type DialectName = 'sqlite' | 'postgresql' | 'mysql' | 'mssql';

/**
 * Makes the text of a statement with `?` for each parameter into one for a database, which numbers them.
 *
 * Names in double quotes mean the same everywhere: MySQL's sessions are set to ANSI_QUOTES.
 */
export function numberParameters(sql: string, dialect: DialectName): string {
  const sign = SIGNS[dialect];
  if (sign === undefined) return sql;
  let count = 0;
  return sql.replaceAll('?', () => `${sign}${++count}`);
}

const SIGNS: Readonly<Partial<Record<DialectName, string>>> = { postgresql: '$', mssql: '@' };
