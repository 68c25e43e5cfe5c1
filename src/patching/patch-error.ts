/** A function could not be replaced; nothing was changed. */
export class PatchError extends Error {
  override readonly name = 'PatchError';
  readonly code = 'CANNOT_PATCH';
}
