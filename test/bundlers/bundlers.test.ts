import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Build, build } from './build.ts';
import {
  EVERYTHING,
  makeProject,
  NOTHING,
  RESULT,
  ROOT,
  recorded,
  requireTools,
  runNode,
} from './make-project.ts';
import { programText, type Switch } from './program.ts';

type Outcome = 'recorded' | 'not recorded' | 'refused';

/** A way to build, and what becomes of the two ways to switch autologging on. */
interface Row {
  readonly build: Build;
  readonly plain: Outcome;
  readonly given: Outcome;
}

const PROJECT = path.join(process.cwd(), 'project');
const TIMEOUT_MS = 120_000;
const SENTENCE = /Cannot load autolog from inside a bundle: .*`external: \['autolog'\]`/;
const tools = requireTools();

const ROWS: readonly Row[] = [
  row('esbuild', 'ESM', 'libraries outside'),
  row('esbuild', 'ESM', 'libraries inside'),
  row('esbuild', 'ESM', 'libraries inside', 'minified'),
  row('esbuild', 'CommonJS', 'libraries outside'),
  row('esbuild', 'CommonJS', 'libraries inside'),
  row('esbuild', 'CommonJS', 'libraries inside', 'minified'),
  row('webpack', 'ESM', 'libraries outside'),
  row('webpack', 'ESM', 'libraries inside', 'minified'),
  row('webpack', 'CommonJS', 'libraries outside'),
  row('webpack', 'CommonJS', 'libraries inside'),
  row('Vite SSR', 'ESM', 'libraries outside'),
  row('Vite SSR', 'ESM', 'libraries inside'),
  row('Vite SSR', 'ESM', 'libraries inside', 'minified'),
  row('esbuild', 'ESM', 'autolog inside'),
  row('esbuild', 'CommonJS', 'autolog inside', 'minified'),
  row('webpack', 'ESM', 'autolog inside', 'minified'),
  row('webpack', 'CommonJS', 'autolog inside', 'minified'),
  row('Vite SSR', 'ESM', 'autolog inside'),
];

describe.skipIf(tools.isMissing)(tools.title('a bundled program'), () => {
  beforeAll(() => {
    makeProject(PROJECT);
    for (const how of ['off', 'plain', 'given'] as const) {
      fs.writeFileSync(path.join(PROJECT, `${how}.mjs`), programText(how));
    }
  });

  it('prints what it prints without a bundler', { timeout: TIMEOUT_MS }, async () => {
    const ended = await runNode([path.join(PROJECT, 'off.mjs')], { cwd: PROJECT });
    expect(ended).toEqual({ status: 0, stdout: RESULT, stderr: '' });
  });

  const cases = ROWS.flatMap((each) => (['plain', 'given'] as const).map((how) => ({ ...each, how })));
  it.for(cases.map((each) => [title(each.build, each.how, each[each.how]), each] as const))(
    '%s',
    { timeout: TIMEOUT_MS },
    async ([, { build: options, how, ...outcomes }]) => {
      const out = fs.mkdtempSync(path.join(PROJECT, 'out-'));
      const file = await build(options, PROJECT, `${how}.mjs`, out);
      const { status, stdout, stderr } = await runNode([file], { cwd: out });
      if (outcomes[how] === 'refused') {
        expect(stderr).toMatch(SENTENCE);
        return;
      }
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: RESULT, stderr: '' });
      expect(recorded(out)).toEqual(outcomes[how] === 'recorded' ? EVERYTHING : NOTHING);
    },
  );
});

it('the table in docs/bundlers.md says what is tested', () => {
  const text = fs.readFileSync(path.join(ROOT, 'docs/bundlers.md'), 'utf8');
  const rows = text.split('\n').filter((line) => /^\| [\w ]+ \| (ESM|CommonJS)/.test(line));
  expect(rows).toEqual(ROWS.map(documented));
});

function row(bundler: Build['bundler'], format: Build['format'], inside: Inside, minified?: 'minified'): Row {
  const bundlesAutolog = inside === 'autolog inside';
  const bundlesLibraries = inside === 'libraries inside';
  const refused = bundlesAutolog ? 'refused' : undefined;
  return {
    build: { bundler, format, isMinified: minified !== undefined, bundlesLibraries, bundlesAutolog },
    plain: refused ?? (bundlesLibraries ? 'not recorded' : 'recorded'),
    given: refused ?? 'recorded',
  };
}

type Inside = 'libraries outside' | 'libraries inside' | 'autolog inside';

function title(
  { bundler, format, isMinified, bundlesLibraries, bundlesAutolog }: Build,
  how: Switch,
  is: Outcome,
) {
  const inside = bundlesAutolog ? 'autolog' : bundlesLibraries ? 'its libraries' : 'no library';
  const call = how === 'given' ? 'autolog({ modules })' : 'autolog()';
  return `of ${bundler}, ${format}${isMinified ? ' minified' : ''}, with ${inside} inside: ${call} is ${is}`;
}

function documented({
  build: { bundler, format, isMinified, bundlesAutolog, bundlesLibraries },
  ...is
}: Row): string {
  const inside = bundlesAutolog ? 'autolog' : bundlesLibraries ? 'the libraries' : 'neither';
  return `| ${bundler} | ${format}${isMinified ? ', minified' : ''} | ${inside} | ${is.plain} | ${is.given} |`;
}
