import { invalidParameter } from '../errors.ts';

/** How often a path may be percent-encoded over itself before it counts as an attack. */
const MAX_DECODINGS = 5;

/**
 * Checks a path within a repository and returns it without a trailing slash; the empty path is the root.
 *
 * Refuses what would lead outside, in plain or percent-encoded form: absolute paths, drives, `..`, NUL.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateArtifactPath(path: string): string {
  if (typeof path !== 'string')
    throw invalidParameter(`Cannot use ${String(path)} as an artifact path; pass a string.`);
  let form = path;
  for (let decodings = 0; ; decodings += 1) {
    const fault = faultOf(form);
    if (fault !== null || decodings > MAX_DECODINGS) {
      throw invalidParameter(
        `Invalid artifact path '${path.replaceAll('\0', '\\0')}': ${fault ?? 'it is encoded too often'}; give a path within the artifacts, as 'folder/file.txt'.`,
      );
    }
    const decoded = decode(form);
    if (decoded === form) return path.replace(/\/+$/, '');
    form = decoded;
  }
}

/**
 * Checks the path of a file.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE, for the root too.
 */
export function validateArtifactFile(path: string): string {
  const file = validateArtifactPath(path);
  if (file === '')
    throw invalidParameter("Invalid artifact path '': it names no file; give one, as 'folder/file.txt'.");
  return file;
}

function faultOf(path: string): string | null {
  if (path.includes('\0')) return 'it holds a NUL character';
  // A backslash separates on Windows alone, and a path must mean the same everywhere.
  if (/^[/\\]/.test(path) || /^[a-z]:/i.test(path)) return 'it is absolute';
  const parts = path.split(/[/\\]/);
  if (parts.includes('..')) return "it holds '..'";
  if (parts.includes('.') || parts.slice(0, -1).includes('')) return 'it has empty parts';
  return null;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // URIError: a percent sign that encodes nothing stands for itself.
    return path;
  }
}
