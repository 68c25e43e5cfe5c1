import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  activeRun,
  autolog,
  endRun,
  logMetric,
  logParam,
  MlflowClient,
  resetAutolog,
  setTrackingUri,
  startRun,
  withSpan,
} from '../../src/index.ts';
import { autologgingIntegration } from '../../src/integration.ts';
import { execute } from '../store/raw-database.ts';
import { databaseIn, refusal, runProgram, temporaryFolder, useNewStore, watchStderr } from './surroundings.ts';

autologgingIntegration('greeter', {
  packages: { greeter: '*' },
  patches: [
    { target: 'greet', span: { name: 'greet', type: 'TOOL' } },
    {
      target: 'train',
      training: { subject: ({ args }) => args[0] as object, end: () => ({ metrics: { a: 1 } }) },
    },
  ],
});

afterEach(() => {
  endRun();
  resetAutolog();
});

describe('a tracking URI', () => {
  test.each([
    ['nonsense://somewhere', 'INVALID_PARAMETER_VALUE', /Cannot understand .*nonsense:\/\/somewhere/],
    ['ftp://host/mlflow.db', 'INVALID_PARAMETER_VALUE', /use sqlite, as in/],
    ['sqlite://', 'INVALID_PARAMETER_VALUE', /a database in memory/],
    ['sqlite:///folder/', 'INVALID_PARAMETER_VALUE', /it names a folder/],
    ['./mlruns', 'INVALID_PARAMETER_VALUE', /file store is not kept/],
    ['', 'INVALID_PARAMETER_VALUE', /Cannot use a tracking URI: it is empty/],
  ] as const)('%j is refused, and the one in force stays', async (uri, code, about) => {
    const { client } = useNewStore();
    expect(() => setTrackingUri(uri)).toThrow(refusal(code, about));
    const { runId } = startRun();
    expect((await client.getRun(runId)).info.status).toBe('RUNNING');
  });

  test.each([
    'nonsense://user:S3CRET@host',
    'nonsense:user:S3CRET@host',
    'mysql+pymysql:user:S3CRET@host/db',
    'nonsense://host/db?password=S3CRET',
    'sqlite:///mlflow.db?key=S3CRET',
    'file://user:S3CRET@host/folder',
  ])('%j is refused without its password', (uri) => {
    const stderr = watchStderr();
    expect(() => setTrackingUri(uri)).toThrow(
      expect.not.objectContaining({ message: expect.stringMatching('S3CRET') }),
    );
    expect(() => new MlflowClient(uri)).toThrow(
      expect.not.objectContaining({ message: expect.stringMatching('S3CRET') }),
    );
    expect(stderr.text).toBe('');
  });

  test('that is nonsense in the environment leaves the program its results, and is told once', async () => {
    const { status, stdout, stderr } = await runProgram(GREETING, {
      env: { MLFLOW_TRACKING_URI: 'nonsense://user:S3CRET@host/db' },
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'hello a\nhello b\n' });
    expect(stderr).toMatch(
      /^autolog: greeter greet: Cannot understand the tracking URI 'nonsense:\/\/\*\*\*@host\/db'.*\n$/,
    );
  });
});

/** Calls a patched function twice. */
const GREETING = `
autologgingIntegration('greeter', {
  packages: { greeter: '*' },
  patches: [{ target: 'greet', span: { name: 'greet', type: 'TOOL' } }],
});
const greeter = { greet: (name) => 'hello ' + name };
autolog.autolog({ modules: { greeter } });
console.log(greeter.greet('a'));
console.log(greeter.greet('b'));
`;

describe('a place that cannot hold a database', () => {
  const belowFile = (): string => {
    const file = path.join(temporaryFolder(), 'file');
    fs.writeFileSync(file, 'text');
    return path.join(file, 'deeper', 'mlflow.db');
  };
  test.each([
    ['below a file', belowFile, 'PERMISSION_DENIED', /Cannot make the folder of the database/],
    ['below /proc', (): string => '/proc/autolog/mlflow.db', 'PERMISSION_DENIED', /choose another place/],
    ['that is a folder', temporaryFolder, 'PERMISSION_DENIED', /the file cannot be opened/],
    ['of random bytes', randomFile, 'INVALID_PARAMETER_VALUE', /nor any SQLite database; choose another file/],
    [
      'of another program',
      notesFile,
      'INVALID_PARAMETER_VALUE',
      /it holds other tables and is no MLflow database/,
    ],
    ['of a newer schema', newerFile, 'INVALID_STATE', /newer MLflow's \(revision ffffffffffff\).*upgrade autolog/],
  ] as const)(
    '%s is refused by what the program calls, and passed over by autologging',
    async (_place, make: () => string | Promise<string>, code, about) => {
      const file = await make();
      setTrackingUri(`sqlite:///${file}`);
      const stderr = watchStderr();
      expect(() => startRun()).toThrow(refusal(code, about));
      expect(() => logMetric('a', 1)).toThrow(refusal(code, about));
      await expect(new MlflowClient().searchExperiments()).rejects.toEqual(refusal(code, about));
      expect(activeRun()).toBeUndefined();

      const library = { greet: (name: string) => `hello ${name}`, train: (model: object) => model };
      const model = {};
      autolog({ modules: { greeter: library } });
      expect(library.greet('you')).toBe('hello you');
      expect(library.train(model)).toBe(model);
      expect(stderr.text).not.toMatch(/greeter train.*greeter train/s);
      expect(withSpan({ name: 'own' }, () => 'value')).toBe('value');
      const error = new Error('mine');
      expect(() =>
        withSpan({ name: 'own' }, () => {
          throw error;
        }),
      ).toThrow(error);
    },
  );

  test('leaves foreign files as they were', () => {
    const file = notesFile();
    const before = fs.readFileSync(file);
    setTrackingUri(`sqlite:///${file}`);
    expect(() => startRun()).toThrow();
    expect(fs.readFileSync(file).equals(before)).toBe(true);
    expect(fs.readdirSync(path.dirname(file))).toEqual([path.basename(file)]);
  });

  test('changes neither exit code nor output of a program whose spans never end', async () => {
    const { status, stdout } = await runProgram(
      `void autolog.withSpan({ name: 'endless' }, () => new Promise(() => {}));\nconsole.log('done');`,
      { env: { MLFLOW_TRACKING_URI: `sqlite:///${belowFile()}` } },
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'done\n' });
  });
});

test('a database of an unknown revision that has all columns is used', async () => {
  const { folder, client } = useNewStore();
  await client.searchExperiments();
  execute(databaseIn(folder), "UPDATE alembic_version SET version_num = 'ffffffffffff'");
  const { runId } = startRun();
  logParam('a', 1);
  expect((await client.getRun(runId)).params).toEqual({ a: '1' });
});

test.runIf(fs.existsSync('/dev/full'))(
  'a full or closed stderr does not end a program that has something to be told',
  async () => {
    for (const redirection of ['2>/dev/full', '2>&-']) {
      const { status, stdout } = await runProgram(
        `import { spawnSync } from 'node:child_process';
if (process.argv[2] === 'inner') {
${GREETING}
  await new Promise((done) => setTimeout(done, 50));
} else {
  const shell = spawnSync('sh', ['-c', '"$0" "$1" inner ${redirection}', process.execPath, import.meta.filename]);
  process.stdout.write(shell.stdout);
  process.exitCode = shell.status;
}`,
        { env: { MLFLOW_TRACKING_URI: 'nonsense://' } },
      );
      expect({ status, stdout }).toEqual({ status: 0, stdout: 'hello a\nhello b\n' });
    }
  },
);

function randomFile(): string {
  const file = databaseIn(temporaryFolder());
  fs.writeFileSync(file, randomBytes(8192));
  return file;
}

function notesFile(): string {
  const file = databaseIn(temporaryFolder());
  execute(file, 'CREATE TABLE notes (text TEXT)');
  return file;
}

async function newerFile(): Promise<string> {
  const { stdout } = await runProgram(
    `autolog.startRun(); autolog.endRun(); console.log(process.cwd() + '/mlflow.db');`,
  );
  const file = stdout.trim();
  execute(
    file,
    'ALTER TABLE runs RENAME COLUMN user_id TO owner',
    "UPDATE alembic_version SET version_num = 'ffffffffffff'",
  );
  return file;
}
