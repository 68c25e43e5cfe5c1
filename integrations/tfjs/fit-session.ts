import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { AutologError, type Recorder, type TrainedModel, type Training } from '../../src/integration.ts';
import { isHostBackend } from './backend.ts';
import { DatasetNotes, type DatasetPass } from './dataset-notes.ts';
import { rowCountOf, toData } from './datasets.ts';
import { breathe } from './event-loop.ts';
import { saveNowOrLater } from './late-save.ts';
import { isTensor, type LayersModel, modelClass, outerModel } from './library.ts';
import { correctValidation, type Logs, type Metrics, metricKeys, readLogs } from './metrics.ts';
import { type BatchedDataset, observeDataset } from './observe-dataset.ts';
import { stepInterval, type TfjsConfig, type TfjsOptions } from './options.ts';
import { findEarlyStopping } from './params.ts';
import { Pending } from './pending.ts';
import { readFirstRows } from './read-tensor.ts';
import { saveLayersModel, withValues } from './save-model.ts';
import { modelSignature } from './signature.ts';

/** What a call of `fit` or `fitDataset` is about. */
export interface FitCall {
  readonly model: LayersModel;
  readonly training: Training;
  readonly config: TfjsConfig;
  readonly recorder: Recorder<TfjsOptions>;
  /** Version of tfjs-layers. */
  readonly version: string;
  readonly callbacks: unknown;
  readonly initialEpoch: number;
  /** Features and targets, for `fit`. */
  readonly data?: readonly [features: unknown, targets: unknown];
  readonly validationData: unknown;
}

/** What tfjs tells callbacks of a fit that begins. */
export interface FitInfo {
  readonly epochs?: number | null;
  readonly initialEpoch?: number | null;
  readonly samples?: number | null;
  readonly steps?: number | null;
  readonly batchSize?: number | null;
}

const EXAMPLE_ROWS = 5;
const LATE = 'saving the last state of a model';

/** Logs one fit, as tfjs' own callbacks tell of it; the methods return promises only where tfjs is to wait. */
export class FitSession {
  readonly call: FitCall;
  readonly #isHost = isHostBackend();
  readonly #pending: Pending;
  readonly #datasets: DatasetNotes;
  readonly #passes: DatasetPass[] = [];
  readonly #epochOffset: number;
  #stepInterval = 0;
  #inputExample: TrainedModel['inputExample'];

  constructor(call: FitCall) {
    this.call = call;
    this.#pending = new Pending(call.recorder);
    this.#datasets = new DatasetNotes(call.training, call.model, this.#pending);
    // A program that says where it begins counts by itself.
    this.#epochOffset = call.initialEpoch > 0 ? 0 : (call.training.memory.get('epochs') ?? 0);
  }

  /** True while the engine takes notes of this very fit. */
  get isUnderWay(): boolean {
    return this.call.recorder.training(outerModel(this.call.model)) === this.call.training;
  }

  /** The same dataset, so that its first pass is seen. */
  observe(dataset: BatchedDataset, context: 'train' | 'eval'): BatchedDataset {
    const { config, training, recorder } = this.call;
    const pass = config.logDatasets && !training.isContinued ? this.#datasets.followPass(context) : undefined;
    if (pass !== undefined) this.#passes.push(pass);
    let isFirst = true;
    return observeDataset(dataset, {
      batch: (features, targets) => {
        recorder.guard('following a dataset', () => {
          if (isFirst && context === 'train') {
            this.#takeExample(features);
            if (!training.isContinued) training.note({ params: { batch_size: rowCountOf(features) } });
          }
          isFirst = false;
          pass?.batch(features, targets);
        });
      },
      ended: () => recorder.guard('following a dataset', () => pass?.ended()),
    });
  }

  trainBegan(info: FitInfo): Promise<unknown> | undefined {
    const { config, data, training, validationData } = this.call;
    this.#stepInterval = stepInterval(config.logEveryNSteps, stepCount(info));
    if (data !== undefined) this.#takeExample(data[0]);
    if (config.logDatasets && !training.isContinued) {
      if (data !== undefined) this.#datasets.noteTensors('train', ...data);
      if (Array.isArray(validationData)) this.#datasets.noteTensors('eval', validationData[0], validationData[1]);
    }
    return this.#pending.settled();
  }

  batchEnded(logs: Logs): Promise<void> | undefined {
    const { memory } = this.call.training;
    const step = memory.get('steps') ?? 0;
    memory.set('steps', step + 1);
    if (this.#stepInterval > 0 && step % this.#stepInterval === 0) this.#noteLogs(logs, 'batch_', step);
    return breathe(this.call.config.maxBlockMs);
  }

  epochEnded(epoch: number, logs: Logs): Promise<void> | undefined {
    const step = this.#epochOffset + epoch;
    this.call.training.memory.set('epochs', step + 1);
    if (this.call.config.logEveryEpoch) this.#noteLogs(logs, '', step);
    return breathe(this.call.config.maxBlockMs);
  }

  async trainEnded(): Promise<void> {
    await this.#pending.settled();
    for (const pass of this.#passes) pass.finish();
    this.#noteEarlyStop();
    const { config, recorder, training, model } = this.call;
    if (!config.logModels) return;
    const outer = outerModel(model);
    let isLate = false;
    const saved = saveNowOrLater({
      model: outer,
      runId: training.runId,
      save: async () => {
        // A model that the program has disposed of meanwhile throws here.
        const weights = isLate ? recorder.guard(LATE, () => outer.getNamedWeights().map(withValues)) : [];
        if (weights !== undefined) await this.#logModel();
      },
      lost: () => recorder.guard(LATE, throwLost),
    });
    isLate = saved === undefined;
    await saved;
  }

  #noteLogs(logs: Logs, prefix: string, step: number): void {
    const { training, model } = this.call;
    this.#pending.handOn<Metrics>('reading metrics', readLogs(logs, this.#isHost), (read) => {
      const { metrics, isCorrected } = correctValidation(read, model.outputs.length);
      training.note({ metrics: metricKeys(metrics, prefix) }, { step, isFrequent: true });
      if (isCorrected) training.note({ tags: { 'tfjs.val_metrics_corrected': 'true' } });
    });
  }

  #noteEarlyStop(): void {
    const { callbacks, model, training } = this.call;
    const stoppedEpoch = findEarlyStopping(callbacks)?.stoppedEpoch ?? 0;
    if (!model.stopTraining || stoppedEpoch === 0) return;
    training.note({ metrics: { stopped_epoch: this.#epochOffset + stoppedEpoch } });
  }

  #takeExample(features: unknown): void {
    const { config, model } = this.call;
    if (!config.logInputExamples || !config.logModels) return;
    const data = toData(features, model.inputNames);
    if (data === undefined) return;
    const rows = isTensor(data)
      ? readFirstRows(data, EXAMPLE_ROWS)
      : Promise.all(
          Object.entries(data).map(async ([name, tensor]) => [name, await readFirstRows(tensor, EXAMPLE_ROWS)]),
        ).then(Object.fromEntries);
    this.#pending.handOn<unknown>('reading an input example', rows, (example) => {
      this.#inputExample = { type: 'ndarray', data: example };
    });
  }

  async #logModel(): Promise<void> {
    const { model, config, training, version } = this.call;
    const outer = outerModel(model);
    await training.logModel({
      flavors: {
        tfjs: { tfjs_version: version, model_class: modelClass(outer), format: 'layers-model', data: 'data' },
      },
      signature: config.logModelSignatures ? modelSignature(model) : undefined,
      inputExample: this.#inputExample,
      save: async (folder) => {
        const data = path.join(folder, 'data');
        await mkdir(data);
        await saveLayersModel(outer, data, { includeOptimizer: config.includeOptimizer, version });
      },
    });
  }
}

function throwLost(): never {
  throw new AutologError(
    'INVALID_STATE',
    "the model's last state was not saved: the program was ended within a second of the training; let it end by itself, or wait for a second.",
  );
}

/** Steps of all epochs, where the data has a known end. */
function stepCount({ epochs, initialEpoch, samples, steps, batchSize }: FitInfo): number | undefined {
  const perEpoch = steps ?? (samples && batchSize ? Math.ceil(samples / batchSize) : undefined);
  return perEpoch === undefined ? undefined : perEpoch * ((epochs ?? 1) - (initialEpoch ?? 0));
}
