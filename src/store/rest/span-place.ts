import type { RestApi } from './rest-api.ts';
import { readServerVersion } from './server-version.ts';

/** The first version whose server keeps spans in its database. */
const FIRST = [3, 4] as const;

/** Where a server keeps the spans of traces: in its database, or as `traces.json` among its artifacts. */
export class SpanPlace {
  #isDatabase: Promise<boolean> | undefined;

  isDatabase(api: RestApi): Promise<boolean> {
    this.#isDatabase ??= this.#ask(api);
    return this.#isDatabase;
  }

  /** The server has a database that keeps no spans. */
  useArtifacts(): void {
    this.#isDatabase = Promise.resolve(false);
  }

  async #ask(api: RestApi): Promise<boolean> {
    if (api.http.target.isDatabricks) return false;
    try {
      const [major, minor] = (await readServerVersion(api)) ?? [0, 0];
      return major > FIRST[0] || (major === FIRST[0] && minor >= FIRST[1]);
    } catch (error) {
      // It could not be reached: it is asked again the next time.
      this.#isDatabase = undefined;
      throw error;
    }
  }
}
