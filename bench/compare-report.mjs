import { writeFileSync } from 'node:fs';

const OWN = {
  autolog: { title: '**autolog**, stored in its database' },
  'autolog-journal': { title: '**autolog**, handed over to its journal' },
};

/** Writes what one run of the comparison found as docs/cost.md. */
export function writeReport(report) {
  const { machine, openai, rounds, details, results } = report;
  const measures = Object.keys(results);
  const subjects = ['autolog-journal', 'autolog', ...Object.keys(details)];
  const rows = subjects.map((name) => [
    OWN[name]?.title ?? details[name].title,
    ...measures.map((measure) => show(results[measure].costs[name])),
  ]);
  const text = `# What it costs, beside other tracers

Made by \`npm run bench:peers -- --write\` on ${report.at.slice(0, 10)}: Node ${machine.node}, openai ${openai}, ${machine.cores} cores (${machine.cpu}), ${machine.platform}; the load average was ${machine.load.toFixed(1)}. Every number is what a subject adds to the same program without any tracer.

${table(['', ...measures.map((measure) => `${measure}, ${results[measure].unit}`)], rows)}

${table(
  ['', ...measures],
  [
    ['the program alone', ...measures.map((measure) => show(results[measure].native))],
    ['best of the others', ...measures.map((measure) => details[results[measure].best].title)],
    [
      'best of those that send contents',
      ...measures.map((measure) => details[bestSender(results[measure], details)].title),
    ],
    ['autolog, stored / best', ...measures.map((measure) => ratio(results[measure], 'autolog'))],
    ['autolog, handed over / best', ...measures.map((measure) => ratio(results[measure], 'autolog-journal'))],
    [
      'autolog, handed over / best that sends contents',
      ...measures.map((measure) => {
        const best = bestSender(results[measure], details);
        return ratio({ ...results[measure], best }, 'autolog-journal');
      }),
    ],
    ['spread of the rounds, program alone', ...measures.map((measure) => spread(results[measure].all.native))],
  ],
)}

## How it is measured

- All subjects run one after the other in each of ${rounds} rounds (allocation in at most 3, modules in 1), every measurement in a process of its own; a cost is the median over the rounds of the difference to the native process of the same round.
- The \`fetch\` of the client is a function of the program, so that no network is in the numbers. A plain call answers about 0.5 KB of text; a streamed one 200 chunks of text, each as a piece of its own, and the usage.
- **CPU** is \`process.cpuUsage()\` of all threads, after a warm-up, from the first call until everything is delivered. The others deliver by HTTP to a sink in another process, whose work is not counted: their services store the data. autolog has two rows, because it is both: *handed over* ends where every record is in the journal, which survives the end of the process (as the others' data after their request); *stored* goes on until everything is in the SQLite database that MLflow opens.
- **Allocation** is the growth of the heap and of external memory in a process whose young generation is so large that nothing is collected.
- **Start-up** is the time from the start of the process until the library is loaded, traced and has a client. **Modules** are the files loaded by \`import\` and \`require\`, counted by a preloaded hook. OpenInference and OpenLLMetry load their LangChain instrumentation as well.
- The contents of messages are recorded by all, but by OpenTelemetry contrib as log records, for which no exporter is set up here.
- On a machine that has other work to do (a load average above the number of cores), times are longer for all subjects; the ratios tell more than the numbers, and allocation and modules more than times.
- Differences below the spread of the native rounds mean nothing; a negative number is such a one.

## Versions and settings

${table(
  ['', 'package', 'setting'],
  Object.values(details).map((each) => [each.title, `${each.package} ${each.version}`, each.setting]),
)}
`;
  writeFileSync('docs/cost.md', text);
  console.log('written to docs/cost.md');
}

function table(head, rows) {
  return [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

/** Without the one whose contents go nowhere here. */
function bestSender({ costs }, details) {
  const senders = Object.keys(details).filter((name) => name !== 'otel-contrib');
  return senders.reduce((one, other) => (costs[other] < costs[one] ? other : one));
}

function ratio({ costs, best }, name) {
  return costs[name] === undefined ? '–' : (costs[name] / costs[best]).toFixed(2);
}

function spread(values) {
  return `${show(Math.min(...values))} to ${show(Math.max(...values))}`;
}

function show(value) {
  if (value === undefined) return '–';
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(2);
}
