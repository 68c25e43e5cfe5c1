import { writeFileSync } from 'node:fs';
import core from 'jasmine-core';

// First import of a suite that was built for Node: gives it jasmine's globals, and writes what became of each spec, in
// order, to the file of SPECS.
globalThis.jasmine = core.boot(core);
const env = jasmine.getEnv();
env.configure({ random: false });
const specs = [];
env.addReporter({
  specDone({ fullName, status }) {
    specs.push([fullName, status]);
  },
  jasmineDone() {
    writeFileSync(process.env.SPECS, JSON.stringify(specs));
  },
});
