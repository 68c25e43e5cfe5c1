import os from 'node:os';
import { hasEnded, thisOwner } from '../../process-owner.ts';
import { randomHex } from '../../random-id.ts';

/** The process that writes a journal, as its file name tells. */
export interface JournalOwner {
  readonly hostname: string;
  readonly pid: number;
  /** Clock ticks from the start of the machine to that of the process; 0 where the system does not tell. */
  readonly startTicks: number;
}

/** How long a journal of another machine lies still before its process counts as gone, in milliseconds. */
export const FOREIGN_IDLE_MS = 24 * 60 * 60 * 1000;

const PATTERN = /^(.+)-(\d+)-(\d+)-[0-9a-f]{12}\.jsonl$/;

/** Tells the journals of this thread from those of others, which are loaded with this file of their own. */
const threadHex = randomHex(4).slice(0, 7);
let sequence = 0;

/** Makes the unique file name of a new journal of this process; those of one thread sort in the order of their making. */
export function createJournalName(): string {
  const { hostname, pid, startTicks } = thisProcess();
  const number = (sequence++ % 0x100000).toString(16).padStart(5, '0');
  return `${hostname}-${pid}-${startTicks}-${threadHex}${number}.jsonl`;
}

/** Reads the owner from a file name; null for a file that is no journal. */
export function parseJournalName(fileName: string): JournalOwner | null {
  const [, hostname, pid, startTicks] = PATTERN.exec(fileName) ?? [];
  return hostname === undefined ? null : { hostname, pid: Number(pid), startTicks: Number(startTicks) };
}

/** Whether the journal belongs to this process: to this thread or another of its threads. */
export function isOfThisProcess(owner: JournalOwner): boolean {
  const self = thisProcess();
  return owner.hostname === self.hostname && owner.pid === self.pid && owner.startTicks === self.startTicks;
}

/** Whether the owner's process has ended; of a process on another machine only long silence tells. */
export function isGone(owner: JournalOwner, idleMs: number): boolean {
  if (owner.hostname !== thisProcess().hostname) return idleMs > FOREIGN_IDLE_MS;
  return hasEnded(owner);
}

let self: JournalOwner | undefined;

function thisProcess(): JournalOwner {
  self ??= {
    hostname:
      os
        .hostname()
        .replaceAll(/[^\w.-]/g, '_')
        .slice(0, 64) || 'localhost',
    pid: process.pid,
    startTicks: thisOwner().startTicks,
  };
  return self;
}
