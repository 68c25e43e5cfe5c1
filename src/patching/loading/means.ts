import { errorMessage } from '../../errors.ts';
import { type Means, sharedState } from './shared-state.ts';

/** Installs a means unless it stands already; a refusal is kept for diagnosis and never thrown. */
export function installMeans(means: Means, apply: () => () => void): void {
  const { installed, refused } = sharedState();
  if (installed.has(means)) return;
  try {
    installed.set(means, apply());
    refused.delete(means);
  } catch (error) {
    refused.set(means, errorMessage(error));
  }
}

/** Removes one means if it stands; where the runtime refuses, the means stays as an idle pass-through. */
export function removeMeans(means: Means): void {
  const { installed, refused } = sharedState();
  const undo = installed.get(means);
  installed.delete(means);
  try {
    undo?.();
  } catch (error) {
    refused.set(means, errorMessage(error));
  }
}

/** Removes every means that stands. */
export function removeAllMeans(): void {
  for (const means of [...sharedState().installed.keys()].reverse()) removeMeans(means);
}
