/** A part of a longer list, in the order of that list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** What asks for the next part; null at the end of the list. Opaque. */
  readonly nextPageToken: string | null;
}
