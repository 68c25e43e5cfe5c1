/** Headers that a store asks for beside a signed address, by the type of its credential. */
export function toPutHeaders(type = ''): Readonly<Record<string, string>> {
  return type.startsWith('AZURE') ? { 'x-ms-blob-type': 'BlockBlob' } : {};
}
