import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFAULT_CONFIG } from '../../autologging/options.ts';
import {
  configurationProblems,
  defaultOptions,
  type IntegrationState,
  integrationStates,
  wasEnabled,
} from '../../autologging/registry.ts';
import { versionState } from '../../autologging/versions.ts';
import { configFilePath } from '../../configuration/config-file.ts';
import { isSwitchedOff } from '../../configuration/environment.ts';
import { failureCounts, reportFailure } from '../../failures.ts';
import '../../index.ts';
import { packageNameOf } from '../../patching/loading/entry-files.ts';
import { installedCopies } from '../../patching/loading/installed-copies.ts';
import { loadingState } from '../../patching/loading/watch-modules.ts';
import { writerStates } from '../../tracking/delivery/writers.ts';
import { VERSION } from '../../version.ts';
import type { CopyDiagnosis, IntegrationDiagnosis, PackageDiagnosis, ProcessDiagnosis } from './diagnosis.ts';
import { type ForeignWrapper, findForeignWrappers } from './foreign-wrappers.ts';
import { hideSecrets } from './hide-secrets.ts';
import { findOtherTracers } from './other-tracers.ts';
import { lookAtStore } from './store-diagnosis.ts';

/** Tells the state of autologging in this process; changes nothing, and is synchronous so that it can be the last act. */
export function collectDiagnosis(): ProcessDiagnosis {
  const foreign = findForeignWrappers();
  return {
    autolog: { version: VERSION, folder: dirname(dirname(dirname(fileURLToPath(import.meta.url)))) },
    node: {
      version: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      options: process.env.NODE_OPTIONS || null,
      execArgv: process.execArgv,
    },
    cwd: process.cwd(),
    loading: loadingState(),
    isSwitchedOff: isSwitchedOff(),
    wasEnabled: wasEnabled(),
    integrations: integrationStates().map((state) => integrationOf(state, foreign)),
    otherTracers: findOtherTracers(),
    store: lookAtStore(),
    configuration: {
      file: configFilePath(),
      variables: variables(),
      problems: configurationProblems(),
    },
    written: writerStates(),
    failures: failureCounts(),
  };
}

function integrationOf(state: IntegrationState, foreign: readonly ForeignWrapper[]): IntegrationDiagnosis {
  return {
    name: state.name,
    isOn: state.config !== undefined,
    configuredBy: state.configuredBy ?? null,
    packages: Object.entries(state.packages).map(([name, range]) => packageOf(name, range, state, foreign)),
    options: optionsOf(state),
  };
}

function packageOf(
  name: string,
  range: string,
  { name: integration, copies }: IntegrationState,
  foreign: readonly ForeignWrapper[],
): PackageDiagnosis {
  const seen = copies.filter(({ specifier }) => packageNameOf(specifier) === name);
  const installed = installedCopies(name).map(({ root, version }) => ({ folder: root as string | null, version }));
  const others = seen.filter(({ packageRoot }) => !installed.some(({ folder }) => folder === packageRoot));
  const all = new Map(
    [...installed, ...others.map(({ packageRoot: folder, version }) => ({ folder, version }))].map((each) => [
      each.folder,
      each,
    ]),
  );
  return { name, range, copies: [...all.values()].map(copyOf) };

  function copyOf({ folder, version }: { folder: string | null; version: string | null }): CopyDiagnosis {
    const own = seen.filter(({ packageRoot }) => packageRoot === folder);
    const patched = new Set(own.flatMap(({ patchedTargets }) => patchedTargets));
    const wrappers = foreign.filter(
      (each) => each.integration === integration && each.packageRoot === folder && each.packageName === name,
    );
    return {
      version,
      folder,
      support: versionState(version, range),
      loaded: [...new Set(own.map(({ how }) => how))],
      patchedTargets: [...patched],
      missingTargets: [...new Set(own.flatMap(({ missingTargets }) => missingTargets))].filter(
        (target) => !patched.has(target),
      ),
      reasons: [...new Set(own.flatMap(({ reason }) => reason ?? []))],
      foreign: wrappers.map(({ target, place }) => ({ target, place })),
    };
  }
}

function optionsOf({ name, config, configured, setByCode }: IntegrationState): IntegrationDiagnosis['options'] {
  const defaults = { ...DEFAULT_CONFIG, ...ownDefaults(name) };
  const inForce: Readonly<Record<string, unknown>> = config ?? { ...defaults, ...configured.values };
  return Object.fromEntries(
    Object.entries({ ...defaults, ...inForce }).map(([option, value]) => {
      const origin = setByCode.includes(option) ? 'code' : (configured.origins[option] ?? 'default');
      return [option, { value, origin }];
    }),
  );
}

function ownDefaults(name: string): object {
  try {
    return defaultOptions(name);
  } catch (error) {
    reportFailure(`${name}: loading the integration`, error, { silent: true });
    return {};
  }
}

/** Values may hold secrets: an address has its password taken out, and a name that sounds like a secret has no value. */
function variables(): Record<string, string> {
  const names = Object.keys(process.env).filter((name) => /^(AUTOLOG|MLFLOW)_/.test(name));
  return Object.fromEntries(
    names.sort().map((name) => {
      const value = process.env[name] ?? '';
      const isSecret = /PASSWORD|TOKEN|SECRET|KEY/.test(name);
      return [name, isSecret ? '***' : hideSecrets(value)];
    }),
  );
}
