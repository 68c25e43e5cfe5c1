import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { errorMessage } from '../../errors.ts';
import { requireSource } from '../../require-source.ts';

/** Names the file that takes the report; gone before the program's first line. */
const VARIABLE = 'AUTOLOG_DOCTOR_REPORT';

// What the program starts in its turn inherits this file, and has nothing to tell.
const file = isMainThread ? process.env[VARIABLE] : undefined;
delete process.env[VARIABLE];
if (file !== undefined) reportAtEnd(file);

/** After all listeners, whenever they were added: autologging itself delivers in one of them. */
function reportAtEnd(path: string): void {
  const { emit } = process;
  process.emit = function (this: NodeJS.Process, ...args: unknown[]): boolean {
    try {
      return Reflect.apply(emit, this, args) as boolean;
    } finally {
      if (args[0] === 'exit') report(path);
    }
  } as typeof emit;
}

function report(path: string): void {
  try {
    const { collectDiagnosis } = requireSource<typeof import('./collect-diagnosis.ts')>(
      'cli/doctor/collect-diagnosis',
    );
    writeFileSync(path, JSON.stringify({ diagnosis: collectDiagnosis() }));
  } catch (error) {
    writeFileSync(path, JSON.stringify({ failure: errorMessage(error) }));
  }
}
