import { dirname } from 'node:path';
import { type ConfigFile, configFileInForce } from '../configuration/config-file.ts';
import type { ExperimentRef } from '../entities/experiment.ts';
import { validateExperimentId, validateExperimentName } from '../entities/validation.ts';
import { AutologError, invalidParameter } from '../errors.ts';
import { resolveTrackingStore } from '../store/store-uri.ts';
import type { TrackingStore } from '../store/tracking-store.ts';
import { askServer } from './delivery/ask-server.ts';

/** Where everything goes that names no other store. */
export const DEFAULT_TRACKING_URI = 'sqlite:///mlflow.db';

/** The experiment of everything that names no other one; every store has it. */
export const DEFAULT_EXPERIMENT = { id: '0' } as const satisfies ExperimentRef;

let trackingUri: string | undefined;
let experiment: ExperimentRef | undefined;

/**
 * Sets the store that runs and traces go to from now on; a run that is active stays where it is. Child processes
 * inherit it through `MLFLOW_TRACKING_URI`.
 *
 * @throws {AutologError} when no store can be made from the URI.
 */
export function setTrackingUri(uri: string): void {
  resolveTrackingStore(uri);
  trackingUri = uri;
  process.env.MLFLOW_TRACKING_URI = uri;
}

/**
 * The tracking URI in force: the one that was set, else `MLFLOW_TRACKING_URI`, else that of the configuration file, else
 * `sqlite:///mlflow.db`.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a configuration file that cannot be read.
 */
export function getTrackingUri(): string {
  return trackingUri ?? (process.env.MLFLOW_TRACKING_URI || configuredUri() || DEFAULT_TRACKING_URI);
}

/** Whether anything says where runs go: the program, the environment or the configuration file. */
export function isTrackingUriSet(): boolean {
  return settingOrigins().trackingUri !== 'default';
}

/** Where a setting comes from: `code`, a variable, the path of the configuration file, or `default`. */
export interface SettingOrigins {
  readonly trackingUri: string;
  readonly experiment: string;
}

/** Tells where the tracking URI and the experiment in force come from. */
export function settingOrigins(): SettingOrigins {
  const { MLFLOW_TRACKING_URI: uri, MLFLOW_EXPERIMENT_NAME: name, MLFLOW_EXPERIMENT_ID: id } = process.env;
  const file = configFileInForce();
  const variable = name ? 'MLFLOW_EXPERIMENT_NAME' : id ? 'MLFLOW_EXPERIMENT_ID' : undefined;
  return {
    trackingUri:
      trackingUri !== undefined ? 'code' : uri ? 'MLFLOW_TRACKING_URI' : file?.trackingUri ? file.path : 'default',
    experiment: experiment !== undefined ? 'code' : (variable ?? (file?.experiment ? file.path : 'default')),
  };
}

const uriOf = new WeakMap<ConfigFile, string>();

/** A relative path in a file begins at the folder of the file. */
function configuredUri(): string | undefined {
  const file = configFileInForce();
  if (file?.trackingUri === undefined) return undefined;
  const uri = uriOf.get(file) ?? resolveTrackingStore(file.trackingUri, { cwd: dirname(file.path) }).uri;
  uriOf.set(file, uri);
  return uri;
}

/** The store of the tracking URI in force. */
export function currentStore(): TrackingStore {
  return resolveTrackingStore(getTrackingUri());
}

/**
 * Sets the experiment that runs and traces go to from now on, by name or by id; a name that is new is created with the
 * first record for it; a server is asked, and waited for 5 seconds at most. Child processes inherit it through
 * `MLFLOW_EXPERIMENT_NAME` or `MLFLOW_EXPERIMENT_ID`.
 *
 * @throws {AutologError} for a deleted experiment, an unknown id, or a name over MLflow's limits.
 */
export function setExperiment(nameOrRef: string | ExperimentRef): ExperimentRef {
  const ref = checkExperiment(
    currentStore(),
    typeof nameOrRef === 'string' ? { name: nameOrRef } : nameOrRef,
    true,
  );
  experiment = ref;
  if ('id' in ref) {
    process.env.MLFLOW_EXPERIMENT_ID = ref.id;
    delete process.env.MLFLOW_EXPERIMENT_NAME;
  } else {
    process.env.MLFLOW_EXPERIMENT_NAME = ref.name;
    delete process.env.MLFLOW_EXPERIMENT_ID;
  }
  return ref;
}

/** The experiment that the program itself has set, if it has. */
export function chosenExperiment(): ExperimentRef | undefined {
  return experiment;
}

/**
 * The experiment in force: the one that was set, else that of `MLFLOW_EXPERIMENT_NAME` or `MLFLOW_EXPERIMENT_ID`, else
 * that of the configuration file, else Default.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE when the two variables name different experiments.
 */
export function currentExperiment(store: TrackingStore): ExperimentRef {
  if (experiment !== undefined) return experiment;
  const { MLFLOW_EXPERIMENT_NAME: name, MLFLOW_EXPERIMENT_ID: id } = process.env;
  if (!name) return id ? { id } : (configFileInForce()?.experiment ?? DEFAULT_EXPERIMENT);
  const found = id ? findExperiment(store, { name }) : undefined;
  if (found !== undefined && found !== id) {
    throw invalidParameter(
      `Cannot choose an experiment: MLFLOW_EXPERIMENT_ID is '${id}', but MLFLOW_EXPERIMENT_NAME '${name}' has the id '${found}'; unset one of them.`,
    );
  }
  return { name };
}

/**
 * Checks that runs can be put into an experiment, as far as the store can tell at once, or may be waited for.
 *
 * @throws {AutologError} for a deleted experiment, an unknown id, or a name over MLflow's limits.
 */
export function checkExperiment(store: TrackingStore, ref: ExperimentRef, mayWait = false): ExperimentRef {
  if (typeof ref !== 'object' || ref === null || !('id' in ref || 'name' in ref)) {
    throw invalidParameter(
      `Cannot choose the experiment ${String(ref)}: it is no reference; pass a name, { name } or { id }.`,
    );
  }
  if ('id' in ref) validateExperimentId(ref.id);
  else validateExperimentName(ref.name);
  if (mayWait) askServer(store, (ask, patienceMs) => ask(store, { experiment: ref }, patienceMs));
  findExperiment(store, ref);
  return ref;
}

/** Id of an experiment; undefined for a name that is new, and where only a server knows. */
function findExperiment(store: TrackingStore, ref: ExperimentRef): string | undefined {
  try {
    return store.checkNow?.experiment(ref).experimentId;
  } catch (error) {
    if ('name' in ref && error instanceof AutologError && error.code === 'RESOURCE_DOES_NOT_EXIST')
      return undefined;
    throw error;
  }
}
