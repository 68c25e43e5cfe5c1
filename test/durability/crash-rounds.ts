import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CrashRole } from './crash-work.ts';

/** Processes of one round, and how long they work at most before they are killed. */
export interface CrashRound {
  /** Program and the store that it works on, as its first argument. */
  readonly program: string;
  readonly target: string;
  readonly loggers: number;
  readonly shippers: number;
  readonly readers?: number;
  readonly maxLifeMs: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** A run that a killed process has logged to. */
export interface CrashedRun {
  readonly runId: string;
  /** Calls that had returned. */
  readonly acknowledged: number;
}

/** Starts processes and kills each at a moment of its own; resolves with what the loggers were told. */
export async function playRound(round: CrashRound): Promise<{ kills: number; runs: CrashedRun[] }> {
  const roles: CrashRole[] = [
    ...Array<CrashRole>(round.loggers).fill('logger'),
    ...Array<CrashRole>(round.shippers).fill('shipper'),
    ...Array<CrashRole>(round.readers ?? 0).fill('reader'),
  ];
  const ended = await Promise.all(roles.map((role) => playProcess(round, role)));
  return { kills: ended.length, runs: ended.filter((it) => it !== null) };
}

async function playProcess(round: CrashRound, role: CrashRole): Promise<CrashedRun | null> {
  const runId = randomUUID().replaceAll('-', '');
  const ackFile = path.resolve(`acks-${runId}`);
  const child = spawn(process.execPath, [round.program, round.target, role, runId, ackFile], {
    env: { ...process.env, ...round.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const exit = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), exit]);
  await sleep(Math.random() * round.maxLifeMs);
  child.kill('SIGKILL');
  const [, signal] = await exit;
  if (signal !== 'SIGKILL') throw new Error(`The ${role} ended by itself: ${stderr}`);
  return role === 'logger' ? { runId, acknowledged: readAcks(ackFile) } : null;
}

function readAcks(file: string): number {
  if (!fs.existsSync(file)) return 0;
  const bytes = fs.readFileSync(file);
  fs.rmSync(file);
  return bytes.length < 4 ? 0 : bytes.readUInt32LE();
}
