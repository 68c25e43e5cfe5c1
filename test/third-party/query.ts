import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Asks the default store of a folder. */
export function query(folder: string, sql: string): Record<string, unknown>[] {
  const db = new DatabaseSync(path.join(folder, 'mlflow.db'), { readOnly: true });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}
