import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { configFileInForce } from '../../configuration/config-file.ts';
import type { ExperimentRef } from '../../entities/experiment.ts';
import { errorMessage, invalidParameter } from '../../errors.ts';
import { toFileError } from '../../file-errors.ts';
import type { TrackingStore } from '../../store/tracking-store.ts';
import { parseJournalName } from '../../tracking/delivery/journal-name.ts';
import { REJECTED_FILE_NAME } from '../../tracking/delivery/rejections.ts';
import {
  checkExperiment,
  chosenExperiment,
  currentExperiment,
  currentStore,
  DEFAULT_EXPERIMENT,
  getTrackingUri,
  settingOrigins,
} from '../../tracking/settings.ts';
import type { StoreDiagnosis } from './diagnosis.ts';
import { hideSecrets } from './hide-secrets.ts';

const UNKNOWN: StoreDiagnosis = {
  trackingUri: null,
  trackingUriOrigin: 'default',
  file: null,
  exists: false,
  problem: null,
  experiment: null,
  experimentOrigin: 'default',
  journals: { folder: null, waiting: 0, sizeBytes: 0 },
  rejected: null,
};

/** Looks at the store in force; makes no database where there is none. */
export function lookAtStore(): StoreDiagnosis {
  try {
    const { trackingUri: trackingUriOrigin, experiment: experimentOrigin } = settingOrigins();
    const trackingUri = getTrackingUri();
    const known = { ...UNKNOWN, trackingUri: hideSecrets(trackingUri), trackingUriOrigin, experimentOrigin };
    try {
      return { ...known, ...lookInside() };
    } catch (error) {
      return { ...known, problem: errorMessage(error) };
    }
  } catch (error) {
    return { ...UNKNOWN, problem: errorMessage(error) };
  }
}

function lookInside(): Partial<StoreDiagnosis> {
  const store = currentStore();
  const file = /^sqlite:\/\/\/(.*)$/s.exec(store.uri)?.[1] ?? null;
  const exists = file !== null && fs.existsSync(file);
  const rejected = join(store.journalFolder, REJECTED_FILE_NAME);
  const common = {
    file,
    exists,
    journals: journalsIn(store.journalFolder),
    rejected: fs.existsSync(rejected) ? rejected : null,
  };
  try {
    requireWritable(file, exists, store.journalFolder);
    const experiment = experimentIn(store, exists);
    return { ...common, experiment: 'id' in experiment ? nameOf(experiment.id) : experiment.name };
  } catch (error) {
    return { ...common, problem: errorMessage(error) };
  }
}

/** @throws {AutologError} for one that the store does not know by its id, or that is deleted. */
function experimentIn(store: TrackingStore, exists: boolean): ExperimentRef {
  // Asking would make a database.
  const { MLFLOW_EXPERIMENT_NAME: name, MLFLOW_EXPERIMENT_ID: id } = process.env;
  if (exists) return checkExperiment(store, currentExperiment(store));
  const chosen = chosenExperiment() ?? (name ? { name } : id ? { id } : configFileInForce()?.experiment);
  if (chosen !== undefined && 'id' in chosen && chosen.id !== DEFAULT_EXPERIMENT.id) {
    throw invalidParameter(
      `Cannot use the experiment ${chosen.id}: there is no database that has it yet; name it by MLFLOW_EXPERIMENT_NAME.`,
    );
  }
  return chosen ?? DEFAULT_EXPERIMENT;
}

function nameOf(id: string): string {
  return id === '0' ? 'Default' : `id ${id}`;
}

/** @throws {AutologError} where the database, or the folder that takes it or its journals, cannot be written. */
function requireWritable(file: string | null, exists: boolean, journalFolder: string): void {
  if (file === null) return;
  try {
    const folder = nearestFolder(exists ? dirname(file) : dirname(journalFolder));
    // Only trying tells: permissions say nothing to root, nor of a file system that takes nothing.
    fs.rmdirSync(fs.mkdtempSync(join(folder, '.autolog-')));
    if (exists) fs.accessSync(file, fs.constants.R_OK | fs.constants.W_OK);
  } catch (error) {
    throw toFileError(`write '${file}'`, error);
  }
}

function nearestFolder(folder: string): string {
  return fs.existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}

function journalsIn(folder: string): StoreDiagnosis['journals'] {
  try {
    const files = fs.readdirSync(folder).filter((name) => parseJournalName(name) !== null);
    const sizes = files.map((name) => fs.statSync(join(folder, name)).size).filter((size) => size > 0);
    return { folder, waiting: sizes.length, sizeBytes: sizes.reduce((sum, size) => sum + size, 0) };
  } catch {
    // ENOENT: nothing was ever logged here, or it is all delivered.
    return { folder, waiting: 0, sizeBytes: 0 };
  }
}
