import { defineConfig } from 'vitest/config';
import { SkipReporter } from './test/support/skip-reporter.ts';

/** Tests of the package as a whole: they install, start programs and want the machine for themselves. */
const WHOLE = [
  'test/{package,compat,hooks,examples,loading,bundlers,runners,third-party,transparency}/**/*.test.ts',
  'test/fuzz/soak.test.ts',
];

/** What is tested is loaded by Node itself, as in a program: a file that is there twice would be two classes of one error. */
const OWN_SOURCES = new RegExp(
  `^(file://)?${import.meta.dirname.replaceAll(/[.+*?^$(){}|[\]\\]/g, '\\$&')}/(src|integrations)/`,
);

/** File that takes vitest's report as JSON, for machines to count. */
const report = process.env.AUTOLOG_TEST_REPORT;

export default defineConfig({
  test: {
    pool: 'forks',
    server: { deps: { external: [OWN_SOURCES] } },
    reporters: report ? ['default', new SkipReporter(), 'json'] : ['default', new SkipReporter()],
    outputFile: report ? { json: report } : {},
    globalSetup: ['test/support/work-folder.ts'],
    setupFiles: ['test/support/own-folder.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...WHOLE],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          include: WHOLE,
          exclude: ['**/node_modules/**'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
