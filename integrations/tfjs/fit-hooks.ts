import { FitSession } from './fit-session.ts';
import type { FitArgs, FitDatasetArgs, LayersModel } from './library.ts';
import { describeTraining, type Hooks, isTrainable, ofModel } from './model-hooks.ts';
import { isDataset } from './observe-dataset.ts';
import { fitDatasetParams, fitParams } from './params.ts';
import { copyOf, openSession } from './relay.ts';

/** `fit`: what is known at its beginning; the relay tells the rest. */
export const fitHooks: Hooks = {
  ...ofModel,
  skip: ({ self }) => !isTrainable(self as LayersModel),
  begin({ self, args }, config, training) {
    const model = self as LayersModel;
    const [features, targets, fitArgs = {}] = args as [unknown, unknown, FitArgs?];
    const { callbacks, initialEpoch = 0, validationData } = fitArgs;
    const copy = copyOf(model);
    if (copy?.recorder !== undefined) {
      const call = { model, config, training, callbacks, initialEpoch, validationData, version: copy.version };
      openSession(new FitSession({ ...call, recorder: copy.recorder, data: [features, targets] }), copy);
    }
    return training.isContinued ? undefined : describeTraining(model, fitParams(fitArgs), callbacks);
  },
};

/** `fitDataset`: as `fit`, with datasets whose first pass is seen. */
export const fitDatasetHooks: Hooks = {
  ...ofModel,
  skip: ({ self }) => !isTrainable(self as LayersModel),
  begin({ self, args }, config, training) {
    const model = self as LayersModel;
    const [dataset, fitArgs] = args as [unknown, FitDatasetArgs | undefined];
    // tfjs refuses such calls.
    if (!isDataset(dataset) || fitArgs === undefined) return undefined;
    const { callbacks, initialEpoch = 0, validationData } = fitArgs;
    const start = training.isContinued ? {} : describeTraining(model, fitDatasetParams(fitArgs), callbacks);
    const copy = copyOf(model);
    if (copy?.recorder === undefined) return start;
    const call = { model, config, training, callbacks, initialEpoch, validationData, version: copy.version };
    const session = new FitSession({ ...call, recorder: copy.recorder });
    openSession(session, copy);
    const observed = session.observe(dataset, 'train');
    if (!isDataset(validationData)) return { ...start, args: [observed, ...args.slice(1)] };
    const validation = { validationData: { value: session.observe(validationData, 'eval'), enumerable: true } };
    return { ...start, args: [observed, Object.create(fitArgs, validation), ...args.slice(2)] };
  },
};
