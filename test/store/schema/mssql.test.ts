import path from 'node:path';
import { expect, test } from 'vitest';
import type { Operation, Rows } from '../../../src/store/sql/operation.ts';
import { prepareSchema } from '../../../src/store/sql/schema/prepare.ts';
import { TRACKING_TABLES } from '../../../src/store/sql/schema/tracking-tables.ts';

const TARGET = { dialect: 'mssql', name: 'mssql://host/db', artifactRoot: '/artifacts' } as const;

test('the statements that make the schema on SQL Server are those recorded (not run on a server)', async () => {
  const statements = record(prepareSchema(TARGET));
  await expect(`${statements.join(';\n')};\n`).toMatchFileSnapshot(path.join(import.meta.dirname, 'mssql.sql'));
});

/** Runs an operation that finds an empty database first, and MLflow's tables once it has made them. */
function record<T>(operation: Operation<T>): string[] {
  const statements: string[] = [];
  let step = operation.next();
  while (!step.done) {
    const { sql } = step.value;
    const text = typeof sql === 'string' ? sql : sql.textFor('mssql');
    statements.push(text);
    step = operation.next(answer(text, statements));
  }
  return statements;
}

function answer(text: string, statements: readonly string[]): Rows {
  if (!text.includes('FROM sys.columns') || !statements.some((each) => each.startsWith('CREATE TABLE'))) return [];
  return Object.entries(TRACKING_TABLES).flatMap(([table, definitions]) =>
    definitions.map((definition) => ({
      table_name: table,
      column_name: definition.split(' ')[0]?.replaceAll('"', '') ?? '',
      demanded: 0,
    })),
  );
}
