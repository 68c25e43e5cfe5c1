import fs from 'node:fs';
import os from 'node:os';
import { threadId } from 'node:worker_threads';

/** A thread of a process, as others can tell whether it is still there. */
export interface ProcessOwner {
  readonly hostname: string;
  readonly pid: number;
  /** Clock ticks from the start of the machine to that of the process; 0 where the system does not tell. */
  readonly startTicks: number;
  readonly threadId: number;
}

/** This thread. */
export function thisOwner(): ProcessOwner {
  self ??= {
    hostname: os.hostname(),
    pid: process.pid,
    startTicks: readStat(process.pid)?.startTicks ?? 0,
    threadId,
  };
  return self;
}

/** Whether it is this very thread. */
export function isThisOwner(owner: ProcessOwner): boolean {
  return isOfThisProcess(owner) && owner.threadId === thisOwner().threadId;
}

/** Whether it is a thread of this process. */
export function isOfThisProcess(owner: ProcessOwner): boolean {
  const { hostname, pid, startTicks } = thisOwner();
  return owner.hostname === hostname && owner.pid === pid && owner.startTicks === startTicks;
}

/** Whether the process has ended; undefined for one on another machine. */
export function isEnded(owner: ProcessOwner): boolean | undefined {
  return owner.hostname === thisOwner().hostname ? hasEnded(owner) : undefined;
}

/** Whether a process of this machine has ended. */
export function hasEnded({ pid, startTicks }: Pick<ProcessOwner, 'pid' | 'startTicks'>): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to another user.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
  }
  const stat = readStat(pid);
  if (stat === null) return false;
  return 'ZX'.includes(stat.state) || (startTicks !== 0 && stat.startTicks !== startTicks);
}

let self: ProcessOwner | undefined;

/** Process ids are used again, and in a container always: pid and start together name one process. */
function readStat(pid: number): { readonly state: string; readonly startTicks: number } | null {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name, in parentheses, may itself hold spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] || 'R', startTicks: Number(fields[19] ?? 0) };
  } catch {
    // There is no /proc outside Linux, and no entry for a process that has just ended.
    return null;
  }
}
