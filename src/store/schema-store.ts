/** Looks after the tables of a store that keeps its rows in a database of its own. */
export interface SchemaStore {
  /**
   * Reports on the database as it is, and makes and changes nothing.
   *
   * @throws {AutologError} RESOURCE_DOES_NOT_EXIST where there is no database.
   */
  report(): Promise<SchemaReport>;
  /**
   * Makes a missing schema, brings our own tables up to date, and makes our indexes, however long that takes.
   *
   * @throws {AutologError} INVALID_STATE for an older MLflow's database, with the command that upgrades it.
   */
  upgrade(): Promise<SchemaUpgrade>;
}

/** What a database's schema is, and what helps where it is not as it should be. */
export interface SchemaReport {
  /** What messages call the database. */
  readonly name: string;
  /** MLflow's revision; null in an empty database. */
  readonly revision: string | null;
  /** MLflow releases that open it as it is; null where they are not known. */
  readonly releases: string | null;
  /** Version of our own tables; null where there are none. */
  readonly ownVersion: number | null;
  /** Version of our own tables that this package knows. */
  readonly knownOwnVersion: number;
  /** Our indexes that are missing: searches are slower without them. */
  readonly missingIndexes: readonly string[];
  /** Why it cannot be used as it is, and what to do; null when it can. */
  readonly problem: string | null;
}

/** What an upgrade has done. */
export interface SchemaUpgrade {
  readonly madeSchema: boolean;
  /** Null where our own tables were made. */
  readonly ownVersionBefore: number | null;
  /** Our indexes that were made on tables that were there. */
  readonly madeIndexes: readonly string[];
}
