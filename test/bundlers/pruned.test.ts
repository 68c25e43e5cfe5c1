import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { makeProject, RESULT, runNode } from './make-project.ts';
import { programText } from './program.ts';

it('a program runs on when files of autolog were not deployed, and is told which', async () => {
  const project = makeProject(path.join(process.cwd(), 'pruned'));
  fs.writeFileSync(path.join(project, 'program.mjs'), programText('plain'));
  fs.rmSync(path.join(project, 'node_modules/autolog/dist/integrations'), { recursive: true });
  const { status, stdout, stderr } = await runNode(['program.mjs'], { cwd: project });
  expect({ status, stdout }).toEqual({ status: 0, stdout: RESULT });
  expect(stderr.split('\n')).toEqual([
    expect.stringMatching(/^autolog: .*Cannot load integrations\/\w+\.js of autolog: the file was not deployed/),
  ]);
});
