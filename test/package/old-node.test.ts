import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRequirement, nodeVersion } from '../support/requirements.ts';
import { installPackage, packPackage } from './packed-package.ts';

const FOLDER = path.join(process.cwd(), 'program');

const old = findOldNode();
const requirement = createRequirement(old === undefined, 'no Node older than 22.15 is on the PATH', false);

describe.skipIf(requirement.isMissing)(requirement.title('the installed package on an old Node'), () => {
  beforeAll(async () => {
    const { file } = await packPackage(process.cwd());
    await installPackage(file, FOLDER);
  });

  it.each(['autolog', 'autolog/integration', 'autolog/register', 'autolog/openai'])(
    'says one clear sentence when %s is imported',
    async (specifier) => {
      const program = `import(${JSON.stringify(specifier)}).catch((error) => console.log(error.message))`;
      const message = await outputOf(['-e', program]);
      expect(message).toContain('22.15');
      expect(message).toContain(nodeVersion(old ?? '')?.slice(1));
      expect(message.split('\n')).toHaveLength(1);
    },
  );

  it('says it when the command is started', async () => {
    const message = await outputOf(['node_modules/autolog/dist/src/cli/main.js', '--version']);
    expect(message).toMatch(/autolog needs Node\.js 22\.15 .+\.$/m);
  });
});

/** Everything that the old Node printed. */
function outputOf(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    // A program that is refused ends with an error code; only what it prints counts here.
    execFile(old ?? '', [...args], { cwd: FOLDER }, (_, stdout, stderr) => resolve(`${stdout}${stderr}`.trim()));
  });
}

function findOldNode(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/local/bin', '/usr/bin'];
  return Array.from(new Set(folders), (folder) => path.join(folder, 'node'))
    .filter((file) => fs.existsSync(file))
    .find((file) => {
      const [major = 0, minor = 0] = (nodeVersion(file) ?? 'v99').slice(1).split('.').map(Number);
      return major < 22 || (major === 22 && minor < 15);
    });
}
