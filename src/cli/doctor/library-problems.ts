import type {
  CopyDiagnosis,
  IntegrationDiagnosis,
  PackageDiagnosis,
  ProcessDiagnosis,
  ScriptDiagnosis,
} from './diagnosis.ts';
import type { Findings } from './find-problems.ts';

/** What is wrong with the libraries themselves: none there, too old, loaded and not patched. */
export function copyProblems(process: ProcessDiagnosis, script: ScriptDiagnosis | null): Findings {
  const all = process.integrations.flatMap((integration) =>
    integration.packages.flatMap((each) => each.copies.map((copy) => ({ integration, package: each, copy }))),
  );
  if (all.length === 0) return nothingInstalled(process);
  // What a script has not loaded is no trouble of its.
  const judged = all.filter(({ copy }) => script === null || copy.loaded.length > 0);
  const findings = judged.map(({ integration, package: each, copy }) => judge(integration, each, copy));
  const problems = findings.flatMap((each) => each.problems);
  const notes = findings.flatMap((each) => each.notes);
  const isAnyLoaded = all.some(({ copy }) => copy.loaded.length > 0);
  if (script !== null && process.wasEnabled && !isAnyLoaded) {
    const names = [...new Set(all.map((each) => each.package.name))].join(', ');
    problems.push(
      script.exitCode === 0
        ? {
            what: `the program has loaded none of ${names} as a package of its own: it uses none, or has them inside a bundle`,
            fix: "autolog({ modules: { openai: OpenAI } }) with the bundle's own classes, or keep the packages external",
          }
        : {
            what: `the program has loaded none of ${names}: it failed before`,
            fix: `node ${script.path} shows the error`,
          },
    );
  }
  return { problems, notes };
}

function nothingInstalled({ integrations, cwd }: ProcessDiagnosis): Findings {
  const names = integrations.flatMap(({ packages }) => packages.slice(0, 1).map(({ name }) => name));
  const what = `none of ${names.join(', ')} is installed for ${cwd}: there is nothing to log`;
  return { problems: [{ what, fix: `cd to your project, or: npm install ${names[0]}` }], notes: [] };
}

function judge(
  integration: IntegrationDiagnosis,
  { name, range }: PackageDiagnosis,
  copy: CopyDiagnosis,
): Findings {
  const { version, folder, support, loaded, reasons, patchedTargets, foreign } = copy;
  const shown = `${name}${version === null ? '' : ` ${version}`}`;
  const where = folder === null ? 'handed over' : folder;
  const notes: string[] = [];
  if (foreign.length > 0) {
    const places = [...new Set(foreign.map(({ place }) => place))].join(' and ');
    notes.push(
      `${shown}: someone else has wrapped ${list(foreign.map(({ target }) => target))} ${places} ours; both see each call.`,
    );
  }
  const upgrade = `npm install "${name}@${range}"`;
  if (integration.options.disableForUnsupportedVersions?.value === true && support !== 'tested') {
    return {
      problems: [
        {
          what: `${shown} is outside of the tested range ${range}, and disableForUnsupportedVersions is set: it is not logged (${where})`,
          fix: upgrade,
        },
      ],
      notes,
    };
  }
  if (support === 'too old') {
    return {
      problems: [{ what: `${shown} is older than the tested range ${range} (${where})`, fix: upgrade }],
      notes,
    };
  }
  if (support === 'not tested')
    notes.push(`${shown} is newer than the tested range ${range}: it is logged as the tested ones are.`);
  if (reasons.length > 0) {
    return {
      problems: [{ what: `${shown} is not logged: ${reasons.join('; ')} (${where})`, fix: upgrade }],
      notes,
    };
  }
  if (loaded.length > 0 && !integration.isOn) {
    notes.push(`${shown} is loaded, and the integration ${integration.name} is off.`);
  } else if (loaded.length > 0 && patchedTargets.length === 0 && folder !== null) {
    notes.push(`${shown} is connected by its own means, without a patch.`);
  }
  return { problems: [], notes };
}

function list(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
