/** By which means a copy of a module came to our notice. */
export type LoadedBy =
  | 'require.cache'
  | 'probe'
  | 'inspector'
  | 'import-in-the-middle'
  | 'require-in-the-middle'
  | 'module.require'
  | 'module.import'
  | 'given';

/** A copy of a module that the program has loaded. */
export interface LoadedModule {
  /** As watched: `openai`, `@langchain/core/callbacks/manager`, `@tensorflow/tfjs-layers`. */
  readonly specifier: string;
  /** Live namespace of an ES module, or `module.exports` of a CommonJS one. */
  readonly exports: Readonly<Record<string, unknown>>;
  /** Folder of the package that the copy belongs to. */
  readonly packageRoot: string | null;
  /** Version of that copy. */
  readonly version: string | null;
  readonly how: LoadedBy;
  /** Why calls of this copy may have been made before it was seen; undefined where none can have been. */
  readonly missed?: string;
}
