import fs from 'node:fs';
import path from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs, steadyMs } from '../../clock.ts';
import { AutologError } from '../../errors.ts';
import { toFileError } from '../../file-errors.ts';
import { makeFolder } from '../../make-folder.ts';
import { isEnded, isOfThisProcess, isThisOwner, type ProcessOwner, thisOwner } from '../../process-owner.ts';
import { randomHex } from '../../random-id.ts';

const PAUSE_MS = 25;
/** How often a lock shows that its owner works. */
const TOUCH_MS = 10_000;
/** How long a lock of a thread of this process, which may have been stopped, lies still before it is taken over. */
const THREAD_IDLE_MS = 60_000;
/** The same for a process on another machine, of which nothing else tells. */
const FOREIGN_IDLE_MS = 60 * 60 * 1000;

/** Journals that this thread delivers just now. */
const held = new Set<string>();

/**
 * Holds the lock of a journal while `work` runs, so that one delivers it at a time; that of an owner who is gone is
 * taken over.
 *
 * @throws {AutologError} TEMPORARILY_UNAVAILABLE when another one holds it for longer than `patienceMs`.
 */
export async function withJournalLock<T>(
  folder: string,
  journalId: string,
  patienceMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const file = path.join(folder, `${journalId}.lock`);
  const giveUpAt = steadyMs() + patienceMs;
  while (!tryLock(file)) {
    if (steadyMs() > giveUpAt) {
      const message = `Cannot deliver the journal '${journalId}': another process does so just now; wait for it.`;
      throw new AutologError('TEMPORARILY_UNAVAILABLE', message);
    }
    await sleep(PAUSE_MS);
  }
  const timer = setInterval(() => touch(file), TOUCH_MS).unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
    if (held.delete(file)) fs.rmSync(file, { force: true });
  }
}

/** Gives free, at once, the locks that this thread holds: what it delivers is broken off. */
export function releaseLocks(): void {
  for (const file of held) fs.rmSync(file, { force: true });
  held.clear();
}

function tryLock(file: string): boolean {
  if (held.has(file)) return false;
  if (!create(file)) {
    const stale = readStale(file);
    if (stale === undefined || !removeStale(file, stale) || !create(file)) return false;
  }
  held.add(file);
  return true;
}

function create(file: string): boolean {
  try {
    makeFolder(path.dirname(file), 0o700);
    fs.writeFileSync(file, JSON.stringify(thisOwner()), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // On a full disk nobody else gets one either, and delivery is what makes room.
    if (code === 'ENOSPC' || code === 'EDQUOT') return true;
    throw toFileError(`make the lock '${file}'`, error);
  }
}

/** The content of a lock whose owner is gone. */
function readStale(file: string): string | undefined {
  try {
    const content = fs.readFileSync(file, 'utf8');
    const idleMs = nowMs() - fs.statSync(file).mtimeMs;
    return isStale(content, idleMs) ? content : undefined;
  } catch {
    // ENOENT: it was given free meanwhile; the next attempt gets it.
    return undefined;
  }
}

function isStale(content: string, idleMs: number): boolean {
  let owner: ProcessOwner;
  try {
    owner = JSON.parse(content);
  } catch {
    // SyntaxError: its owner is writing it just now, or died while doing so.
    return idleMs > THREAD_IDLE_MS;
  }
  // A lock of this thread that it does not hold was left by one whose id this one has got.
  if (isThisOwner(owner)) return true;
  if (isOfThisProcess(owner)) return idleMs > THREAD_IDLE_MS;
  return isEnded(owner) ?? idleMs > FOREIGN_IDLE_MS;
}

/** Two who find the same lock stale must not both take it: the first moves it away, the other finds a new one. */
function removeStale(file: string, content: string): boolean {
  const aside = `${file}.${randomHex(6)}`;
  try {
    fs.renameSync(file, aside);
    if (fs.readFileSync(aside, 'utf8') === content) return true;
    fs.linkSync(aside, file);
    return false;
  } catch {
    // ENOENT: another one has moved it; EEXIST: and a third has made its own.
    return false;
  } finally {
    fs.rmSync(aside, { force: true });
  }
}

function touch(file: string): void {
  try {
    const now = new Date(nowMs());
    fs.utimesSync(file, now, now);
  } catch {
    // ENOENT: someone has emptied the folder.
  }
}
