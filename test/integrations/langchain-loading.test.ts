import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('langchain-loading-program.ts', import.meta.url));
const core = fileURLToPath(new URL('../../node_modules/@langchain/core-03', import.meta.url));

/** Makes a project that has this line of @langchain/core under its own name; returns a file of it. */
function createProject(): string {
  const root = fs.mkdtempSync(path.resolve('project-'));
  fs.mkdirSync(path.join(root, 'node_modules/@langchain'), { recursive: true });
  fs.symlinkSync(core, path.join(root, 'node_modules/@langchain/core'), 'junction');
  return path.join(root, 'program.js');
}

// Its entry files only hand on others, which it imports itself: no program need ever load them.
describe('core 0.3', () => {
  it.each([
    ['import', 'before'],
    ['import', 'after'],
    ['require', 'before'],
    ['require', 'after'],
  ])('is reached by %s when enabled %s it is loaded, whatever modules the program names', async (how, when) => {
    const { stdout } = await promisify(execFile)(process.execPath, [program, createProject(), how, when]);
    expect(JSON.parse(stdout)).toEqual([
      'RunnableSequence CHAIN',
      '  RunnableLambda CHAIN',
      '  FakeListChatModel CHAT_MODEL',
    ]);
  });
});
