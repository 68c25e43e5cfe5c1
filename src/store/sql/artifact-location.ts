/** Appends folders to a path or URI, before its query if it has one. */
export function appendToLocation(location: string, ...segments: readonly string[]): string {
  const query = location.includes('://') ? location.indexOf('?') : -1;
  const path = query < 0 ? location : location.slice(0, query);
  const separator = path.endsWith('/') ? '' : '/';
  return `${path}${separator}${segments.join('/')}${query < 0 ? '' : location.slice(query)}`;
}
