import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { endSharedServers } from './shared-servers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder outside the tree in which every test file gets a working folder of its own. */
    workFolder: string;
  }
}

/** Makes the folder in which the test files work; removes it in the end, with all that they left there, also servers. */
export function setup(project: TestProject): () => Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'autolog-test-'));
  project.provide('workFolder', folder);
  return async () => {
    await endSharedServers(folder);
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
}
