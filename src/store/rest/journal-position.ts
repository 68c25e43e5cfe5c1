import fs from 'node:fs';
import path from 'node:path';
import { nowMs } from '../../clock.ts';
import { toFileError } from '../../file-errors.ts';
import { makeFolder } from '../../make-folder.ts';

/** How far a journal was delivered. */
export interface JournalPosition {
  /** Position after the last record whose delivery the server has confirmed, in bytes. */
  readonly position: number;
  /** Whether a delivery of what follows was begun: something of it may be on the server already. */
  readonly wasTried: boolean;
}

const ENDING = '.position';
const LENGTH = 64;
/** After this time the position of a journal that is gone serves nobody. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/** Reads how far a journal was delivered; the begin where nothing is known. */
export function readPosition(folder: string, journalId: string): JournalPosition {
  try {
    const text = fs.readFileSync(toFile(folder, journalId), 'utf8');
    // An empty one was made when the disk was full.
    const { position, wasTried } = JSON.parse(text.trim() || '{"position":0}');
    return { position: Number(position), wasTried: wasTried === true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { position: 0, wasTried: false };
    throw toFileError(`read how far a journal in '${folder}' was delivered`, error, 'read');
  }
}

/**
 * Writes how far a journal was delivered, over what stands there: on a full disk there is room for that.
 *
 * @throws {AutologError} when it cannot be written.
 */
export function writePosition(folder: string, journalId: string, position: JournalPosition): void {
  let fd: number | undefined;
  try {
    makeFolder(folder, 0o700);
    fd = fs.openSync(toFile(folder, journalId), fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600);
    // Always of one length, in one write: nobody sees a half of it.
    fs.writeSync(fd, JSON.stringify(position).padEnd(LENGTH), 0);
  } catch (error) {
    throw toFileError(`write how far a journal in '${folder}' was delivered`, error);
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/** Removes the position of a journal, and of others that are gone for long. */
export function forgetPosition(folder: string, journalId: string): void {
  fs.rmSync(toFile(folder, journalId), { force: true });
  for (const name of readNames(folder)) {
    if (!name.endsWith(ENDING)) continue;
    const id = name.slice(0, -ENDING.length);
    const stat = fs.statSync(path.join(folder, name), { throwIfNoEntry: false });
    const isOld = stat !== undefined && nowMs() - stat.mtimeMs > KEPT_MS;
    if (isOld && !fs.existsSync(path.join(folder, `${id}.jsonl`)))
      fs.rmSync(path.join(folder, name), { force: true });
  }
}

function readNames(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    // ENOENT: nothing was ever written there.
    return [];
  }
}

function toFile(folder: string, journalId: string): string {
  return path.join(folder, `${journalId}${ENDING}`);
}
