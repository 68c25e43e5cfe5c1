import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { EVERYTHING, makeProject, RESULT, recorded, requireTools, runNode } from './make-project.ts';
import { routeText, type Switch } from './program.ts';

const TIMEOUT_MS = 240_000;
const ENV = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' };
const LIBRARIES = ['openai', '@langchain/core', '@tensorflow/tfjs'];
const tools = requireTools();

describe.skipIf(tools.isMissing)(tools.title('a server of Next.js'), () => {
  it.for(['--webpack', '--turbopack'])(
    'built with %s records the libraries that stay outside',
    { timeout: TIMEOUT_MS },
    async (bundler) => {
      const project = makeApp('off', ['autolog', ...LIBRARIES]);
      expect(await next(project, ['build', bundler])).toMatchObject({ status: 0 });
      expect(await answerOf(project)).toBe(RESULT);
      expect(recorded(project)).toEqual(EVERYTHING);
    },
  );

  it('records libraries in its bundle that are handed over', { timeout: TIMEOUT_MS }, async () => {
    const project = makeApp('given', ['autolog']);
    expect(await next(project, ['build', '--turbopack'])).toMatchObject({ status: 0 });
    expect(await answerOf(project)).toBe(RESULT);
    expect(recorded(project)).toEqual(EVERYTHING);
  });

  it('is not built with autolog inside, and says why', { timeout: TIMEOUT_MS }, async () => {
    const { status, stderr } = await next(makeApp('plain', LIBRARIES), ['build', '--webpack']);
    expect(status).toBe(1);
    expect(stderr).toContain("keep it out, as by `external: ['autolog']` (Next.js: `serverExternalPackages");
  });
});

/** An application with one route; where that does not switch autologging on, its instrumentation does. */
function makeApp(route: Switch, outside: readonly string[]): string {
  const project = fs.mkdtempSync(path.join(process.cwd(), 'next-'));
  makeProject(project, ['next', 'react', 'react-dom']);
  // The packages are linked: their real folders lie outside of the project.
  const config = { serverExternalPackages: outside, turbopack: { root: '/' }, outputFileTracingRoot: '/' };
  const files = {
    'next.config.mjs': `export default ${JSON.stringify(config)};\n`,
    'app/layout.js': 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;\n',
    'app/call/route.js': routeText(route),
    ...(route === 'off' && { 'instrumentation.js': INSTRUMENTATION }),
  };
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(project, name)), { recursive: true });
    fs.writeFileSync(path.join(project, name), text);
  }
  return project;
}

const INSTRUMENTATION = `
export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { autolog } = await import('autolog');
  autolog();
}
`;

function next(project: string, args: readonly string[]) {
  return runNode([commandOf(project), ...args], { cwd: project, env: ENV });
}

function commandOf(project: string): string {
  return path.join(project, 'node_modules/next/dist/bin/next');
}

/** Starts the built server on a free port, asks its route once, and stops it. */
async function answerOf(project: string): Promise<string> {
  const args = [commandOf(project), 'start', '--hostname', '127.0.0.1', '--port', '0'];
  const { NODE_OPTIONS: _, VITEST: __, AUTOLOG_TESTING: ___, ...env } = process.env;
  const server = spawn(process.execPath, args, { cwd: project, env: { ...env, ...ENV } });
  const ended = new Promise((resolve) => server.on('close', resolve));
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let text = '';
      server.stdout.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        const found = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(text);
        if (found !== null && text.includes('Ready')) resolve(found[0]);
      });
      server.on('close', () => reject(new Error(`The server ended: ${text}`)));
    });
    return await (await fetch(`${address}/call`)).text();
  } finally {
    server.kill('SIGTERM');
    await ended;
  }
}
