import type { Training } from '../../src/integration.ts';
import {
  type DataDescription,
  type DatasetRows,
  describeData,
  rowCountOf,
  toData,
  toDataset,
} from './datasets.ts';
import type { LayersModel } from './library.ts';
import type { PassListener } from './observe-dataset.ts';
import type { Pending } from './pending.ts';

/** Role of a dataset in a run. */
export type DatasetContext = 'train' | 'eval';

type Halves = readonly [features: DataDescription, targets: DataDescription | undefined];

/** Logs the datasets of one training, each once. */
export class DatasetNotes {
  readonly #training: Training;
  readonly #model: LayersModel;
  readonly #pending: Pending;

  constructor(training: Training, model: LayersModel, pending: Pending) {
    this.#training = training;
    this.#model = model;
    this.#pending = pending;
  }

  /** Logs tensors as they were given to `fit`. */
  noteTensors(context: DatasetContext, features: unknown, targets: unknown): void {
    this.#describe(features, targets, (halves) => this.#note(context, halves));
  }

  /** Follows a dataset that is read in batches; logs it after its first pass, or when it is told to. */
  followPass(context: DatasetContext): DatasetPass {
    return new DatasetPass(
      (features, targets, use) => this.#describe(features, targets, use),
      (halves, rows) => this.#note(context, halves, rows),
    );
  }

  #describe(features: unknown, targets: unknown, use: (halves: Halves) => void): void {
    const data = toData(features, this.#model.inputNames);
    if (data === undefined) return;
    const others = toData(targets, this.#model.outputNames);
    const halves = [describeData(data), others === undefined ? undefined : describeData(others)] as const;
    const all = halves.some((half) => half instanceof Promise) ? Promise.all(halves) : (halves as Halves);
    this.#pending.handOn<Halves>('describing a dataset', all, use);
  }

  #note(context: DatasetContext, [features, targets]: Halves, rows?: DatasetRows): void {
    this.#training.note({ datasets: [{ dataset: toDataset(features, targets, rows), context }] });
  }
}

/** The first pass over a dataset in batches. */
export class DatasetPass implements PassListener {
  readonly #describe: (features: unknown, targets: unknown, use: (halves: Halves) => void) => void;
  readonly #note: (halves: Halves, rows: DatasetRows) => void;
  #first: Halves | undefined;
  #rowCount = 0;
  #batchSize = 0;
  #isWhole = false;
  #isNoted = false;

  constructor(
    describe: (features: unknown, targets: unknown, use: (halves: Halves) => void) => void,
    note: (halves: Halves, rows: DatasetRows) => void,
  ) {
    this.#describe = describe;
    this.#note = note;
  }

  batch(features: unknown, targets: unknown): void {
    const rows = rowCountOf(features);
    if (this.#batchSize === 0) {
      this.#batchSize = rows;
      this.#describe(features, targets, (halves) => {
        this.#first = halves;
      });
    }
    this.#rowCount += rows;
  }

  ended(): void {
    this.#isWhole = true;
    this.finish();
  }

  /** Logs what is known by now; an endless dataset has no number of rows. */
  finish(): void {
    if (this.#isNoted || this.#first === undefined) return;
    this.#isNoted = true;
    this.#note(this.#first, { rowCount: this.#isWhole ? this.#rowCount : null, batchSize: this.#batchSize });
  }
}
