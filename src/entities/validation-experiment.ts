import { invalidParameter } from '../errors.ts';
import { validateTagKey } from './validation-key.ts';
import { checkLength, showValue } from './validation-text.ts';

const MAX_NAME = 500;
const MAX_TAG_VALUE = 5000;
const MAX_LOCATION = 2048;
/** Schemes whose last part of a path may have parameters behind a semicolon; paths without a scheme too. */
const SCHEMES_WITH_PARAMS = [
  '',
  'ftp',
  'hdl',
  'http',
  'https',
  'mms',
  'rtsp',
  'sftp',
  'shttp',
  'sip',
  'sips',
  'tel',
];

/**
 * Checks the name of an experiment.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateExperimentName(name: string): void {
  if (typeof name !== 'string' || name === '') {
    throw invalidParameter(`Invalid experiment name: ${showValue(name)}; give a string that is not empty.`);
  }
  checkLength('Invalid experiment name: it', name, MAX_NAME);
}

/**
 * Checks the id of an experiment: decimal digits.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateExperimentId(experimentId: string): void {
  if (typeof experimentId === 'string' && /^\d{1,15}$/.test(experimentId)) return;
  throw invalidParameter(
    `Invalid experiment ID ${showValue(experimentId)}: it must be an integer, as a string of digits; look it up by name.`,
  );
}

/**
 * Checks a tag of an experiment; its value is never cut.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateExperimentTag(key: string, value: string): void {
  validateTagKey(key);
  checkLength(`Cannot set the experiment tag '${key}': its value`, value, MAX_TAG_VALUE);
}

/**
 * Checks where the artifacts of an experiment go: a URI or path without fragment or parameters, that no `..` in its
 * query leads elsewhere, no `runs:/` URI, at most MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH (2048) characters.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateArtifactLocation(location: string): void {
  const attempt = `Cannot create an experiment: its artifact location ${showValue(location)}`;
  if (typeof location !== 'string') throw invalidParameter(`${attempt} is no string; pass a string.`);
  if (location.startsWith('runs:')) {
    throw invalidParameter(`${attempt} is a runs:/ URI; give a folder or a store of artifacts.`);
  }
  const { fragment, params, query } = splitUri(location);
  if (fragment !== '' || params !== '') {
    throw invalidParameter(`${attempt} has a fragment or parameters; leave out what begins with # or ;.`);
  }
  if (decode(query).includes('..')) {
    throw invalidParameter(`${attempt} has '..' in its query; leave it out.`);
  }
  checkLength(`Cannot create an experiment: its artifact location`, location, maxLocation());
}

function maxLocation(): number {
  const setting = Number(process.env.MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH || Number.NaN);
  return Number.isSafeInteger(setting) ? setting : MAX_LOCATION;
}

/** Splits as Python's urlparse does, which takes any text for a URI. */
function splitUri(uri: string): { fragment: string; params: string; query: string } {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase() ?? '';
  const [rest = '', ...fragments] = uri.split('#');
  const [path = '', ...queries] = rest.split('?');
  const ownPath = path.slice(scheme === '' ? 0 : scheme.length + 1).replace(/^\/\/[^/]*/, '');
  const lastPart = ownPath.slice(ownPath.lastIndexOf('/') + 1);
  const semicolon = SCHEMES_WITH_PARAMS.includes(scheme) ? lastPart.indexOf(';') : -1;
  const params = semicolon < 0 ? '' : lastPart.slice(semicolon + 1);
  return { fragment: fragments.join('#'), params, query: queries.join('?') };
}

/** Undoes percent-encoding, however often it was done. */
function decode(text: string): string {
  let decoded = text;
  for (let i = 0; i < 10; i++) {
    const next = decoded.replace(/%2e/gi, '.').replace(/%25/g, '%');
    if (next === decoded) break;
    decoded = next;
  }
  return decoded;
}
