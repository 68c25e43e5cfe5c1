/** Which deleted entities are collected; where any are named, only these. */
export interface GarbageOptions {
  /** Only what was deleted before this time, in milliseconds since the Unix epoch. @default now */
  readonly deletedBefore?: number;
  /** RESOURCE_DOES_NOT_EXIST for an unknown one, INVALID_PARAMETER_VALUE for one that is not deleted, or is younger. */
  readonly runIds?: readonly string[];
  /** Their runs and models come with them, deleted or not. */
  readonly experimentIds?: readonly string[];
  readonly modelIds?: readonly string[];
}

/** A deleted entity and where its files are. */
export interface Garbage {
  readonly kind: 'run' | 'loggedModel' | 'experiment';
  readonly id: string;
  readonly artifactUri: string;
}

/** Removes for good what was moved to the bin; for stores that hold their rows themselves. */
export interface GarbageStore {
  /** What may be removed: runs and models first, then the experiments that hold them. */
  findGarbage(options?: GarbageOptions): Promise<readonly Garbage[]>;
  /** Removes the rows of these, unless they were restored meanwhile; their files are removed before. */
  removeGarbage(garbage: readonly Garbage[]): Promise<void>;
}
