/** A URI without what may be secret in it: user, password, query and fragment. */
export function withoutSecrets(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:)?(\/\/)?.*@/is, '$1$2***@').replace(/[?#].*$/s, '');
}
