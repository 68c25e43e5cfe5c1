import type { Reporter, TestModule } from 'vitest/node';

/** Prints the name of every test that did not run, with its reason, after the other reports. */
export class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) =>
      Array.from(module.children.allTests('skipped'), (test) => {
        const result = test.result();
        const note = result.state === 'skipped' && result.note ? ` (${result.note})` : '';
        return `  ${module.relativeModuleId} > ${test.fullName}${note}`;
      }),
    );
    if (skipped.length > 0) process.stdout.write(`\nSkipped:\n${skipped.join('\n')}\n`);
  }
}
