import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Folder in the run's working folder where the servers that its test files share are noted. */
export const SERVERS_FOLDER = 'servers';

/** How a server that test files share is found and ended. */
export interface SharedServer {
  readonly port: number;
  readonly pid: number;
}

/** Ends the servers that the test files of a run have shared, and waits until they are gone. */
export async function endSharedServers(workFolder: string): Promise<void> {
  const folder = path.join(workFolder, SERVERS_FOLDER);
  if (!fs.existsSync(folder)) return;
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name, 'server.json');
    if (!fs.existsSync(file)) continue;
    const { pid }: SharedServer = JSON.parse(fs.readFileSync(file, 'utf8'));
    for (let signal: NodeJS.Signals | 0 = 'SIGTERM'; isThere(pid, signal); signal = 0) await sleep(50);
  }
}

function isThere(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    // ESRCH: it is gone.
    return false;
  }
}
