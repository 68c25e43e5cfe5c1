const servers = new Set<string>();
const credentials = new Map<string, string>();

/** Remembers a server that this process records into, by its base URL. */
export function rememberServer(baseUrl: string): void {
  servers.add(baseUrl);
}

/** The one server that this process records into; undefined where there is none, or more than one. */
export function onlyServer(): string | undefined {
  return servers.size === 1 ? [...servers][0] : undefined;
}

/** Remembers the name and password that stood in a server's URI, for those who know it by its base URL alone. */
export function rememberCredentials(baseUrl: string, basic: string): void {
  credentials.set(baseUrl, basic);
}

/** The name and password that were remembered for a server, with a colon between them. */
export function credentialsOf(baseUrl: string): string | undefined {
  return credentials.get(baseUrl);
}
