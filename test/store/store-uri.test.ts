import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { AutologError } from '../../src/errors.ts';
import { parseServerUri } from '../../src/store/server-uri.ts';
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
  ['databricks-uc', 'INVALID_PARAMETER_VALUE', /Unity Catalog keeps models, not runs/],
  ['uc:http://localhost', 'INVALID_PARAMETER_VALUE', /Unity Catalog keeps models, not runs/],
  ['postgresql:///', 'INVALID_PARAMETER_VALUE', /names no database/],
  [
    'postgresql://u:p@host',
    'INVALID_PARAMETER_VALUE',
    /names no database; add one, as in 'postgresql:..host.mlflow'/,
  ],
  ['postgresql:host/db', 'INVALID_PARAMETER_VALUE', /has another form/],
  ['mysql+pymysql://u:p@host:x/db', 'INVALID_PARAMETER_VALUE', /its port is no number/],
  ['mysql://u:50%@host/db', 'INVALID_PARAMETER_VALUE', /write it as %25/],
])('%j is refused with %s', (uri, code, message) => {
  const error = refusalOf(uri);
  expect(error.code).toBe(code);
  expect(error.message).toMatch(message);
});

test.each([
  'postgresql://ada:secret@host/',
  'postgresql://ada:sec@ret@host:x/db?password=secret',
  'mysql://ada:secret%@host/db',
  'ftp://secret@host#secret',
])('the refusal of %j keeps its credentials', (uri) => {
  expect(refusalOf(uri).message).not.toMatch(/secret|ret@|ada/);
});

test.each([
  [
    'postgresql://ada:p%40ss%2Fw@db.example:5433/mlflow',
    ['postgresql', 'db.example', 5433, 'ada', 'p@ss/w', 'mlflow'],
  ],
  ['postgres://db/mlflow', ['postgresql', 'db', 5432, '', '', 'mlflow']],
  ['postgresql+psycopg2://ada:a@b@db/mlflow', ['postgresql', 'db', 5432, 'ada', 'a@b', 'mlflow']],
  ['postgresql:///mlflow?host=/run/postgresql', ['postgresql', '/run/postgresql', 5432, '', '', 'mlflow']],
  ['mysql://ada@db/mlflow', ['mysql', 'db', 3306, 'ada', '', 'mlflow']],
  ['mysql+pymysql://ada:@[::1]:3307/mlflow?ssl_ca=/ca.pem', ['mysql', '::1', 3307, 'ada', '', 'mlflow']],
  ['mariadb+mariadbconnector://db/mlflow', ['mysql', 'db', 3306, '', '', 'mlflow']],
  ['mssql+pyodbc://sa:x@db/mlflow?driver=ODBC+Driver+18', ['mssql', 'db', 1433, 'sa', 'x', 'mlflow']],
  ['MSSQL://sa:x@db:14330/mlflow', ['mssql', 'db', 14_330, 'sa', 'x', 'mlflow']],
])('%j is understood as SQLAlchemy does', (uri, expected) => {
  const { dialect, host, port, user, password, database } = parseServerUri(uri);
  expect([dialect, host, port, user, password, database]).toEqual(expected);
});

test('a store on a server is named without credentials, and found again by that name', () => {
  const store = resolveTrackingStore('postgresql://ada:s3cret@db.example/mlflow?sslmode=require');
  expect(store.uri).toBe('postgresql://db.example/mlflow');
  expect(store.journalFolder).toMatch(/[\\/]autolog[\\/]journals[\\/]db\.example-mlflow-[0-9a-f]{12}$/);
  expect(resolveTrackingStore(store.uri)).toBe(store);
  expect(resolveTrackingStore('postgresql://db.example/other').journalFolder).not.toBe(store.journalFolder);
});

function refusalOf(uri: string): AutologError {
  try {
    resolveTrackingStore(uri);
  } catch (error) {
    if (error instanceof AutologError) return error;
  }
  throw new Error(`'${uri}' was not refused`);
}
