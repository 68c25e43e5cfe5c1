import type { Call, TrainingHooks, TrainingStart } from '../../src/integration.ts';
import { backendName } from './backend.ts';
import { type LayersModel, modelClass, outerModel } from './library.ts';
import type { TfjsOptions } from './options.ts';
import { earlyStoppingParams, findEarlyStopping, modelParams } from './params.ts';
import { copyOf } from './relay.ts';

/** Hooks of a call that trains or evaluates. */
export type Hooks = TrainingHooks<TfjsOptions>;

/** Hooks of every call on a model: `self` is the inner model of a `Sequential`, the subject is the outer one. */
export const ofModel = {
  subject: ({ self }: Call) => outerModel(self as LayersModel),
  subjectName: ({ self }: Call) => outerModel(self as LayersModel).name,
  continues: ({ self }: Call) => (self as LayersModel).optimizer,
} satisfies Partial<Hooks>;

/** A model that is compiled and not being trained: tfjs refuses the call otherwise. */
export function isTrainable(model: LayersModel): boolean {
  return !model.isTraining && model.optimizer !== undefined && model.optimizer !== null;
}

/** What is known of a training before it begins. */
export function describeTraining(
  model: LayersModel,
  args: Readonly<Record<string, unknown>>,
  callbacks: unknown,
): TrainingStart {
  const outer = outerModel(model);
  const summary: string[] = [];
  outer.summary(undefined, undefined, (line) => summary.push(line));
  return {
    params: {
      ...args,
      ...modelParams(model, outer.layers.length),
      ...earlyStoppingParams(findEarlyStopping(callbacks)),
    },
    tags: {
      'tfjs.version': copyOf(model)?.version ?? 'unknown',
      'tfjs.backend': backendName(),
      'tfjs.model_class': modelClass(outer),
      'tfjs.model_name': outer.name,
    },
    texts: { 'model_summary.txt': `${summary.join('\n')}\n` },
  };
}
