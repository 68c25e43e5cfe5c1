import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { Writer } from '../../src/tracking/delivery/writer.ts';
import { openStore } from '../store/records.ts';
import { temporaryFolder } from './surroundings.ts';

/** What a process that has died may have left, or somebody else. */
const HOSTILE: Readonly<Record<string, (file: string) => void>> = {
  'null and numbers instead of records': (file) => fs.writeFileSync(file, 'null\n5\n"x"\n'),
  'records of no kind': (file) =>
    fs.writeFileSync(file, '{}\n[]\n{"op":"__proto__"}\n{"__proto__":{"op":"param"}}\n'),
  'records without their parts': (file) => writeRecords(file, {}),
  'records with parts of other types': (file) =>
    writeRecords(file, {
      runId: {},
      modelId: [],
      key: 5,
      value: {},
      traceId: [],
      experiment: 7,
      name: {},
      tags: 5,
    }),
  'bytes that are no text': (file) => fs.writeFileSync(file, Buffer.alloc(10_000, 0xff)),
  'a torn end': (file) => fs.writeFileSync(file, '{"op":"param","runId"'),
  'a folder': (file) => fs.mkdirSync(file),
  'a pipe that nobody writes to': (file) => spawnSync('mkfifo', [file]),
  'a link to a file of the system': (file) => fs.symlinkSync('/etc/passwd', file),
  'a link to nowhere': (file) => fs.symlinkSync('/nowhere', file),
  'gigabytes without a line': (file) => {
    fs.writeFileSync(file, '');
    fs.truncateSync(file, 20_000_000_000);
  },
};

const OPS = [
  ...['span', 'trace', 'createRun', 'updateRun', 'param', 'metric', 'tag', 'input'],
  ...['modelInput', 'modelOutput', 'createModel', 'finalizeModel'],
];

function writeRecords(file: string, parts: object): void {
  fs.writeFileSync(file, OPS.map((op) => `${JSON.stringify({ op, ...parts })}\n`).join(''));
}

describe.skipIf(process.platform === 'win32')('a folder of journals that holds', () => {
  test.each(Object.keys(HOSTILE))('%s keeps nobody from recording and reading', async (kind) => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const store = openStore(path.join(temporaryFolder(), 'mlflow.db'));
    const { journalFolder } = store;
    fs.mkdirSync(journalFolder, { recursive: true });
    HOSTILE[kind]?.(path.join(journalFolder, 'elsewhere-1-1-0123456789ab.jsonl'));
    // As that of another machine that has been silent for long.
    const own = fs.readdirSync(journalFolder)[0] as string;
    if (fs.lstatSync(path.join(journalFolder, own)).isFile()) {
      fs.utimesSync(path.join(journalFolder, own), 1, 1);
    }
    const writer = new Writer(store);
    await writer.appendSettled({
      op: 'createRun',
      runId: 'b'.repeat(32),
      experiment: { id: '0' },
      name: 'mine',
      userId: 'ada',
      startTime: 1,
      tags: {},
    });
    await writer.flush();
    writer.deliverGoneNow();
    writer.deliverRunNow('b'.repeat(32));
    expect((await store.getRun('b'.repeat(32))).info.runName).toBe('mine');
    await writer.close();
    vi.restoreAllMocks();
  });
});
