import { AutologError, type ErrorCode, errorMessage } from './errors.ts';

type Reasons = Readonly<Record<string, readonly [code: ErrorCode, reason: string]>>;

const REASONS: Reasons = {
  EACCES: ['PERMISSION_DENIED', 'this user may not write there; choose another place, or change its permissions'],
  EPERM: ['PERMISSION_DENIED', 'this user may not write there; choose another place, or change its permissions'],
  EROFS: ['PERMISSION_DENIED', 'the file system is read-only; choose another place'],
  ENOTDIR: ['PERMISSION_DENIED', 'a part of the path is a file and no folder; choose another place'],
  EEXIST: ['PERMISSION_DENIED', 'something else stands there already; choose another place'],
  EISDIR: ['INVALID_PARAMETER_VALUE', 'it is a folder; name a file'],
  ENOENT: ['RESOURCE_DOES_NOT_EXIST', 'there is no such file or folder; check the path'],
  ENOSPC: ['RESOURCE_EXHAUSTED', 'the disk is full; make room there'],
  EDQUOT: ['RESOURCE_EXHAUSTED', 'the disk quota is used up; make room there'],
  EMFILE: ['RESOURCE_EXHAUSTED', 'too many files are open; raise the limit or close some'],
  ENAMETOOLONG: ['INVALID_PARAMETER_VALUE', 'the path is too long; choose a shorter one'],
};

/** What is meant otherwise when something is to be read. */
const READ_REASONS: Reasons = {
  ...REASONS,
  EACCES: ['PERMISSION_DENIED', 'this user may not read it; change its permissions'],
  EPERM: ['PERMISSION_DENIED', 'this user may not read it; change its permissions'],
  ENOTDIR: ['RESOURCE_DOES_NOT_EXIST', 'a part of the path is a file and no folder; check the path'],
  ENAMETOOLONG: ['INVALID_PARAMETER_VALUE', 'the path is too long; check the path'],
  ELOOP: ['INVALID_PARAMETER_VALUE', 'its links lead in a circle; check them'],
};

/** What the file system was asked for. */
export type FileAccess = 'read' | 'write';

/** Turns what the file system threw into the error of the attempt: "Cannot write 'x': the disk is full; …". */
export function toFileError(attempt: string, error: unknown, access: FileAccess = 'write'): AutologError {
  if (error instanceof AutologError) return error;
  const reasons = access === 'read' ? READ_REASONS : REASONS;
  const known = reasons[(error as NodeJS.ErrnoException | null)?.code ?? ''];
  const [code, reason] = known ?? ['INTERNAL_ERROR', `${errorMessage(error)}; look at the place and try again`];
  return new AutologError(code, `Cannot ${attempt}: ${reason}.`, { cause: error });
}
