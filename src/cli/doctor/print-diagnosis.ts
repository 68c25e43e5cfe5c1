import path from 'node:path';
import { plain, size, style, table } from '../terminal.ts';
import type {
  CopyDiagnosis,
  Diagnosis,
  IntegrationDiagnosis,
  ProcessDiagnosis,
  ScriptDiagnosis,
} from './diagnosis.ts';

/** Lines of a report for people. */
export function printDiagnosis({ process, script, problems, notes }: Diagnosis): string[] {
  return [
    ...(process === null ? [style.heading('autolog doctor')] : printProcess(process)),
    ...(script === null ? [] : printScript(script, process?.wasEnabled !== false)),
    '',
    problems.length === 0
      ? style.good('No problem was found.')
      : style.bad(`${number(problems.length, 'problem')}, and what helps:`),
    ...problems.flatMap(({ what, fix }, i) => [
      `  ${i + 1}. ${plain(what, 400)}`,
      `     ${style.name(plain(fix, 400))}`,
    ]),
    ...(notes.length === 0 ? [] : ['', style.heading('Good to know')]),
    ...notes.map((note) => `  ${plain(note, 400)}`),
  ];
}

function printProcess(state: ProcessDiagnosis): string[] {
  const { autolog, node } = state;
  const head = `autolog ${autolog.version}, Node ${node.version} (${node.platform})`;
  return [
    style.heading(head),
    '',
    style.heading('Libraries'),
    ...table(
      state.integrations.flatMap((each) => libraryRows(each, state)),
      '  ',
    ),
    '',
    style.heading('Data'),
    ...table(dataRows(state), '  '),
    '',
    style.heading('Configuration'),
    ...table(configurationRows(state), '  '),
  ];
}

function libraryRows(integration: IntegrationDiagnosis, state: ProcessDiagnosis): string[][] {
  const { name, packages } = integration;
  const rows = packages.flatMap(({ name: packageName, range, copies }) =>
    copies.map((copy) => [
      `${plain(packageName)} ${plain(copy.version ?? '')}`.trim(),
      copy.support === 'tested' ? range : style.bad(`${range}: ${copy.support}`),
      copyState(integration, copy, state),
      style.dim(plain(copy.folder === null ? 'handed over' : below(copy.folder, state.cwd), 200)),
    ]),
  );
  if (rows.length === 0) {
    const [first] = packages;
    rows.push([plain(first?.name ?? ''), first?.range ?? '', 'not installed'].map((cell) => style.dim(cell)));
  }
  return rows.map((row, i) => [i === 0 ? style.name(name) : '', ...row]);
}

function copyState({ isOn }: IntegrationDiagnosis, copy: CopyDiagnosis, { wasEnabled }: ProcessDiagnosis): string {
  const { loaded, patchedTargets, missingTargets, reasons } = copy;
  if (reasons.length > 0) return style.bad('not patched');
  if (patchedTargets.length > 0) {
    const missing = missingTargets.length === 0 ? '' : `, ${missingTargets.length} not in this version`;
    return style.good(`patched: ${number(patchedTargets.length, 'function')}${missing}`);
  }
  if (loaded.length > 0) return isOn ? style.good('connected') : 'loaded, off';
  return wasEnabled && !isOn ? 'installed, integration off' : 'installed, not loaded';
}

function dataRows({ store, cwd }: ProcessDiagnosis): string[][] {
  const state =
    store.problem === null
      ? store.exists
        ? 'is there'
        : 'is made with the first record'
      : style.bad('cannot be used');
  const { waiting, sizeBytes } = store.journals;
  return [
    ['store', plain(store.trackingUri ?? '?', 200), from(store.trackingUriOrigin, cwd)],
    ...(store.file === null ? [] : [['file', plain(store.file, 200), state]]),
    ...(store.experiment === null
      ? []
      : [['experiment', plain(store.experiment), from(store.experimentOrigin, cwd)]]),
    [
      'journals',
      waiting === 0 ? 'none waits' : `${waiting} ${waiting === 1 ? 'waits' : 'wait'}, ${size(sizeBytes)}`,
    ],
  ];
}

function configurationRows({ integrations, configuration, node, cwd }: ProcessDiagnosis): string[][] {
  const { file, variables } = configuration;
  const rows = new Map<string, string[]>();
  for (const { name, options } of integrations) {
    for (const [option, { value, origin }] of Object.entries(options)) {
      if (origin === 'default') continue;
      const shown = plain(JSON.stringify(value) ?? String(value), 60);
      const key = [option, shown, origin].join('\n');
      rows.set(key, [option, shown, from(origin, cwd), `${rows.get(key)?.[3] ?? ''} ${name}`.trim()]);
    }
  }
  return [
    ['file', file === null ? 'none' : plain(below(file, cwd), 200)],
    ...Object.entries(variables).map(([name, value]) => [plain(name), plain(value, 60)]),
    ...(node.options === null ? [] : [['NODE_OPTIONS', plain(node.options, 200)]]),
    ...rows.values(),
    ['other options', style.dim('have their defaults')],
  ];
}

function printScript(
  { path: script, exitCode, signal, enabledBy, recorded }: ScriptDiagnosis,
  wasEnabled: boolean,
): string[] {
  const end = signal === null ? `ended with exit code ${exitCode}` : `was ended by ${signal}`;
  const by = {
    program: wasEnabled ? 'turns autologging on itself' : 'imports autolog and has not turned it on',
    register: 'was run as by --import autolog/register',
  }[enabledBy];
  const { runs, traces, spans } = recorded;
  return [
    '',
    style.heading('Program'),
    ...table(
      [
        ['script', `${plain(script, 200)} ${end}; it ${by}`],
        ['recorded', `${number(runs, 'run')}, ${number(traces, 'trace')} with ${number(spans, 'span')}`],
      ],
      '  ',
    ),
  ];
}

function number(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}

function from(origin: string, cwd: string): string {
  return style.dim(origin === 'default' ? 'default' : `from ${plain(below(origin, cwd), 200)}`);
}

function below(file: string, cwd: string): string {
  const relative = path.isAbsolute(file) ? path.relative(cwd, file) : file;
  return relative === '' ? '.' : relative.startsWith('..') ? file : relative;
}
