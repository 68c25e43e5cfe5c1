import type { Verdict } from './judge.ts';
import type { Peer } from './subjects.ts';

/** All cases of one suite under all subjects. */
export interface SuiteTable {
  readonly name: string;
  readonly titles: readonly string[];
  /** Verdicts by case, by subject; the first is the library itself once more. */
  readonly columns: ReadonlyMap<string, ReadonlyMap<string, Verdict>>;
  readonly peers: readonly Peer[];
  /** Packages whose versions are told. */
  readonly libraries: readonly string[];
  readonly remarks?: string;
}

type VersionOf = (packageName: string) => string;

/** Writes the document: the sections of these suites, and those of others as they stood in it before. */
export function writeDocument(before: string, tables: readonly SuiteTable[], versionOf: VersionOf): string {
  const sections = new Map(
    before
      .split(/^(?=## )/m)
      .slice(1)
      .map((text) => [/^## (\S+)/.exec(text)?.[1] ?? '', text]),
  );
  for (const table of tables) sections.set(table.name, writeSuite(table, versionOf));
  const inOrder = [...sections].sort(([a], [b]) => a.localeCompare(b)).map(([, text]) => text.trimEnd());
  return `# Transparency: what a program notices

Each row is a small program against a library's public API ([\`test/transparency/cases\`](../test/transparency/cases)). It runs natively, and again under each tracer, in processes of their own, against a loopback server. Compared with the native run are: results, errors (class, fields, message), requests and their bodies (headers where the row says so), unhandled rejections, process warnings, whether it ends, and for rows about a process its exit code, stdout and stderr. **same** means that nothing of this differs; otherwise the cell says what does. A cell with a fault is run once more and counts only if it has one again, as machines under load are slow by chance. The column **native** is the library without any tracer, run a second time.

The number is spans that are right, of those that the case should leave: ended, marked as error if and only if the call failed, with the output's text and the tokens where the case names them. Of the other tracers names and nesting are not asked, nor spans that only autolog makes, and what they trace beyond the case is not counted against them where the case expects nothing. Contents are switched on where they are off by default.

Made by \`npm run transparency\`; \`npm run transparency -- openai\` makes one part anew. Do not edit by hand.

${inOrder.join('\n\n')}
`;
}

function writeSuite(table: SuiteTable, versionOf: VersionOf): string {
  const { name, titles, columns, libraries, remarks } = table;
  const day = new Date().toISOString().slice(0, 10);
  const heads = [...columns.keys()];
  const rows = titles.map((title) =>
    row([
      title,
      ...[...columns].map(([subject, verdicts]) => cellText(verdicts.get(title), subject === 'native')),
    ]),
  );
  return `## ${name}

${libraries.map((library) => `${library} ${versionOf(library)}`).join(', ')}; Node ${process.versions.node}; ${day}

${writeSubjects(table, versionOf)}
${remarks === undefined ? '' : `\n${remarks}\n`}
${row(['', ...heads])}
${row(['---', ...heads.map(() => '---')])}
${rows.join('\n')}
`;
}

const OWN_SETTING = '`autolog()` before the library is loaded';

/** The sums, and how each subject is switched on. */
function writeSubjects({ titles, columns, peers }: SuiteTable, versionOf: VersionOf): string {
  const lines = [...columns].map(([title, verdicts]) => {
    const isNative = title === 'native';
    const cells = [...verdicts.values()];
    const peer = peers.find((one) => one.title === title);
    const same = cells.filter(({ changes }) => changes.length === 0).length;
    const spans = cells.map((cell) => cell.spans);
    const right = spans.reduce((sum, one) => sum + one.right, 0);
    const of = spans.reduce((sum, one) => sum + one.of, 0);
    const whole = spans.filter(({ wrong }) => wrong.length === 0).length;
    const [first = ''] = peer?.packages ?? [];
    const version = peer === undefined ? 'this package' : `${first} ${versionOf(first)}`;
    const setting = peer === undefined ? OWN_SETTING : `[${peer.setting}](../bench/peers/subjects/${peer.id}.mjs)`;
    return row([
      title,
      isNative ? '' : version,
      isNative ? 'no tracer' : setting,
      `${same} of ${titles.length}`,
      isNative ? '' : `${whole} of ${titles.length}`,
      isNative ? '' : `${right} of ${of}`,
    ]);
  });
  return [
    row([
      'tracer',
      'version',
      'how it is switched on',
      'cases unchanged',
      'cases with right spans',
      'right spans',
    ]),
    row(['---', '---', '---', '---', '---', '---']),
    ...lines,
  ].join('\n');
}

/** What a subject did in one case, in few words. */
export function cellText(cell: Verdict | undefined, isNative: boolean): string {
  if (cell === undefined) return '';
  const { changes, spans } = cell;
  const seen = changes.length === 0 ? 'same' : `**${changes.slice(0, 2).map(escaped).join('; ')}**`;
  if (isNative || (spans.of === 0 && spans.wrong.length === 0)) return seen;
  const fault = spans.wrong.length === 0 ? '' : ` (${escaped([...new Set(spans.wrong)].slice(0, 2).join(', '))})`;
  return `${seen} ${spans.right}/${spans.of}${fault}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function escaped(text: string): string {
  return text.replaceAll(/[|\\*_<>`[\]]/g, '\\$&').replaceAll('\n', ' ');
}
