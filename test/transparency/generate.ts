/** Runs every case under every subject and writes docs/transparency.md; arguments: suites. @default all */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Subject, Suite } from './case.ts';
import { judgeSubject, type Verdict } from './judge.ts';
import { type Observations, type RunOptions, runCases } from './run-cases.ts';
import { autologSubject, nativeSubject, readPeers } from './subjects.ts';
import { type SuiteTable, writeDocument } from './write-document.ts';

const PEERS = fileURLToPath(new URL('../../bench/peers', import.meta.url));
const DOCUMENT = fileURLToPath(new URL('../../docs/transparency.md', import.meta.url));
const CASES = fileURLToPath(new URL('./cases', import.meta.url));

if (!existsSync(`${PEERS}/node_modules`)) {
  throw new Error('Cannot compare with peers: they are not installed; run `npm ci --prefix bench/peers` first.');
}
const { startSink } = (await import(`file://${PEERS}/subjects/sink.mjs`)) as {
  startSink(): Promise<{ url: string; close(): Promise<void> }>;
};
const names = process.argv.length > 2 ? process.argv.slice(2) : readdirSync(CASES);
const sink = await startSink();
const tables: SuiteTable[] = [];
for (const name of names) tables.push(await tableOf(name));
mkdirSync(new URL('../../docs/', import.meta.url), { recursive: true });
const before = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : '';
writeFileSync(DOCUMENT, writeDocument(before, tables, versionOf));
await sink.close();

async function tableOf(name: string): Promise<SuiteTable> {
  const { suite } = (await import(`./cases/${name}/index.ts`)) as { suite: Suite<unknown> };
  const peers = (await readPeers(name)).filter(({ id }) => suite.peers?.includes(id) ?? true);
  const server = await suite.startServer?.();
  const root = suite.folder ?? PEERS;
  const options: RunOptions = { root, env: server?.env ?? {}, sinkUrl: sink.url };
  const natives = new Map<Subject['loading'], Observations>();
  const columns = new Map<string, ReadonlyMap<string, Verdict>>();
  // A second native run is the measure of the first.
  const subjects: Subject[] = [nativeSubject('require'), autologSubject('require'), ...peers];
  for (const subject of subjects) {
    console.error(`${name}: ${subject.title}`);
    const native =
      natives.get(subject.loading) ?? (await runCases(suite, nativeSubject(subject.loading), options));
    natives.set(subject.loading, native);
    const verdicts = await judgeSubject(suite, subject, native, options);
    columns.set(subject.title, verdicts);
  }
  await server?.close();
  return {
    name,
    titles: Object.keys(suite.cases),
    columns,
    peers,
    libraries: suite.libraries ?? [name],
    remarks: suite.remarks,
  };
}

function versionOf(packageName: string): string {
  const file = `${PEERS}/node_modules/${packageName}/package.json`;
  const own = fileURLToPath(new URL(`../../node_modules/${packageName}/package.json`, import.meta.url));
  const text = readFileSync(existsSync(file) ? file : own, 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
