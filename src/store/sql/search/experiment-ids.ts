import { validateExperimentId } from '../../../entities/validation.ts';

/** Ids of experiments as numbers, each once, in order. */
export function toExperimentIds(experimentIds: readonly string[]): readonly number[] {
  for (const id of experimentIds) validateExperimentId(id);
  return [...new Set(experimentIds.map(Number))].sort((a, b) => a - b);
}
