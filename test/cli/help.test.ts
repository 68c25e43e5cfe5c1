import { describe, expect, it } from 'vitest';
import { makeProject, runCommand } from './doctor-setup.ts';

describe.concurrent('the command', () => {
  it('says what it can do', async () => {
    const { exitCode, stdout } = await runCommand(makeProject(), ['--help']);
    expect(exitCode).toBe(0);
    for (const word of [
      'show',
      'doctor',
      'db',
      'autolog db check',
      '--version',
      'Examples:',
      'autolog doctor train.mjs --lr 1',
    ]) {
      expect(stdout).toContain(word);
    }
  });

  it.each(['show', 'doctor', 'db'])('says what %s takes', async (name) => {
    const { exitCode, stdout } = await runCommand(makeProject(), [name, '--help']);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^Usage: autolog /)]);
  });

  it.each([
    [['shwo'], /unknown command 'shwo'[\s\S]*show/],
    [['doctor', '--jsn'], /unknown option '--jsn'[\s\S]*--json/],
    [['show', '--last', 'x'], /--last is 'x': give a whole number from 1\./],
  ])('%j is refused with what is meant', async (args, message) => {
    const { exitCode, stderr } = await runCommand(makeProject(), args);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(message)]);
  });

  it('shows that nothing is there without making a database', async () => {
    const { exitCode, stderr } = await runCommand(makeProject(), ['show']);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/^autolog: Cannot show .*: there is no such database; /),
    ]);
  });
});
