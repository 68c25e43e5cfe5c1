import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { AutologError } from '../../src/errors.ts';
import { resolveTrackingStore } from '../../src/store/store-uri.ts';
import { temporaryFolder } from './records.ts';

test('three slashes lead to a file in the working folder, four to an absolute path', () => {
  const cwd = temporaryFolder();
  const relative = resolveTrackingStore('sqlite:///data/mlflow.db', { cwd });
  const absolute = resolveTrackingStore(`sqlite:///${path.join(cwd, 'data', 'mlflow.db')}`);
  expect(relative.uri).toBe(`sqlite:///${path.join(cwd, 'data', 'mlflow.db')}`);
  expect(relative.journalFolder).toBe(path.join(cwd, 'data', '.autolog', 'mlflow.db'));
  expect(absolute).toBe(relative);
});

test('resolving a URI touches no file', () => {
  const cwd = temporaryFolder();
  resolveTrackingStore('sqlite:///mlflow.db', { cwd });
  expect(fs.readdirSync(cwd)).toEqual([]);
});

test('artifacts lie in the folder mlruns beside the database, or where the option says', async () => {
  const cwd = temporaryFolder();
  const beside = resolveTrackingStore('sqlite:///a.db', { cwd });
  const elsewhere = resolveTrackingStore('sqlite:///b.db', { cwd, artifactRoot: 's3://bucket/root' });
  expect((await beside.getExperiment('0')).artifactLocation).toBe(path.join(cwd, 'mlruns', '0'));
  expect((await elsewhere.getExperiment('0')).artifactLocation).toBe('s3://bucket/root/0');
  await beside.close();
  await elsewhere.close();
});

test.each([
  ['', 'INVALID_PARAMETER_VALUE', /Cannot use a tracking URI: it is empty/],
  ['ftp://host/x', 'INVALID_PARAMETER_VALUE', /its scheme is unknown; use sqlite/],
  ['sqlite://', 'INVALID_PARAMETER_VALUE', /in memory ends with its process/],
  ['sqlite:///', 'INVALID_PARAMETER_VALUE', /in memory ends with its process/],
  ['sqlite:///:memory:', 'INVALID_PARAMETER_VALUE', /in memory ends with its process/],
  ['sqlite://mlflow.db', 'INVALID_PARAMETER_VALUE', /three slashes/],
  ['sqlite:mlflow.db', 'INVALID_PARAMETER_VALUE', /three slashes/],
  ['sqlite:///folder/', 'INVALID_PARAMETER_VALUE', /names a folder/],
  ['sqlite:///mlflow.db?mode=ro', 'INVALID_PARAMETER_VALUE', /query or fragment/],
  ['sqlite:///mlflow.db#x', 'INVALID_PARAMETER_VALUE', /query or fragment/],
  ['file:///data/mlruns', 'INVALID_PARAMETER_VALUE', /file store is not kept; set 'sqlite:/],
  ['./mlruns', 'INVALID_PARAMETER_VALUE', /file store is not kept/],
  ['C:\\mlruns', 'INVALID_PARAMETER_VALUE', /file store is not kept/],
  ['http://localhost:5000', 'NOT_IMPLEMENTED', /serve that file with MLflow/],
  ['databricks', 'NOT_IMPLEMENTED', /records into SQLite files/],
  ['databricks://profile', 'NOT_IMPLEMENTED', /records into SQLite files/],
  ['postgresql+psycopg2://u:p@host/db', 'NOT_IMPLEMENTED', /records into SQLite files/],
  ['mysql+pymysql://u:p@host/db', 'NOT_IMPLEMENTED', /records into SQLite files/],
  ['mssql+pyodbc://u:p@host/db', 'NOT_IMPLEMENTED', /records into SQLite files/],
])('%j is refused with %s', (uri, code, message) => {
  const error = refusalOf(uri);
  expect(error.code).toBe(code);
  expect(error.message).toMatch(message);
});

test.each([
  'https://ada:secret@host/x?token=secret',
  'postgresql://ada:secret@host/db',
  'postgresql://ada:sec@ret@host/db?password=secret',
  'ftp://secret@host#secret',
])('the refusal of %j keeps its credentials', (uri) => {
  expect(refusalOf(uri).message).not.toMatch(/secret|ret@|ada/);
});

function refusalOf(uri: string): AutologError {
  try {
    resolveTrackingStore(uri);
  } catch (error) {
    if (error instanceof AutologError) return error;
  }
  throw new Error(`'${uri}' was not refused`);
}
