/** Traces without end, telling before each line which span has ended, until it is killed. */
import fs from 'node:fs';
import { withSpan } from '../../src/index.ts';

// Synchronously: what was told has happened before the next step.
const tell = (name: string) => fs.writeSync(1, `${name}\n`);

for (let trace = 0; ; trace++) {
  withSpan({ name: `root ${trace}` }, () => {
    for (let leaf = 0; leaf < 5; leaf++) {
      withSpan({ name: `leaf ${trace}.${leaf}`, inputs: leaf }, () => leaf);
      tell(`leaf ${trace}.${leaf}`);
    }
  });
  tell(`root ${trace}`);
}
