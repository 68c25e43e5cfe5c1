import type { DialectName } from '../dialect.ts';

/** The database that a schema is looked for, or made, in. */
export interface SchemaTarget {
  readonly dialect: DialectName;
  /** What messages call it: the path of a file, or a server's URI without secrets. */
  readonly name: string;
  /** Path or URI under which new experiments' artifacts go. */
  readonly artifactRoot: string;
}
