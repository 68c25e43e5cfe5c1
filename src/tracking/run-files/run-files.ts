import type { ArtifactRepository } from '../../artifacts/artifact-repository.ts';

/** The artifacts of a run, and its tags that tell of them. */
export interface RunFiles {
  readonly artifacts: ArtifactRepository;
  /** Value of a tag as the store has it now. */
  readTag(key: string): Promise<string | undefined>;
  setTag(key: string, value: string): Promise<void>;
}
