import type { Dataset } from '../entities/dataset.ts';
import type { LogModelOptions } from '../models/log-model.ts';

/** What is to be logged of a training; keys and values as they stand in the run. */
export interface TrainingNotes {
  /** Any values; they are written as Python writes them: `True`, `None`, JSON for lists and objects. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly tags?: Readonly<Record<string, string>>;
  /** An empty `source` means the program itself. */
  readonly datasets?: readonly { readonly dataset: Dataset; readonly context: string }[];
  /** Text artifacts by path. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** A model to be logged with the files that hold it; named `model` when nothing else is said. */
export type TrainedModel = Omit<LogModelOptions, 'name'> & { readonly name?: string };

/** How notes are logged. */
export interface NoteOptions {
  readonly step?: number;
  /**
   * For metrics of each batch: they may be written together with those of the next 250 ms, which a signal that the
   * program does not handle can lose; every other end of the process keeps them. Only metrics are taken. @default false
   */
  readonly isFrequent?: boolean;
}

/** The training of one object, in a run of its own or in the program's active run. */
export interface Training {
  readonly runId: string;
  /** True for a later training of the same object in the same run. */
  readonly isContinued: boolean;
  /** Numbers that outlast one call, for as long as the object goes on in the same run: steps, epochs. */
  readonly memory: Map<string, number>;
  /** Logs; never throws. Keys get the model's name in front when another object was trained in this run before. */
  note(notes: TrainingNotes, options?: NoteOptions): void;
  /** Logs a model; resolves when its files are complete, also when that failed, which is reported. */
  logModel(model: TrainedModel): Promise<void>;
}

const underWay = new WeakMap<object, Training>();

/** The training under way on an object, if any. */
export function trainingOf(subject: object): Training | undefined {
  return underWay.get(subject);
}

/** True while an object is being trained. */
export function isTrained(subject: object): boolean {
  return underWay.has(subject);
}

/** Makes a training the one under way on an object. */
export function beginTraining(subject: object, training: Training): void {
  underWay.set(subject, training);
}

/** Ends the training under way on an object. */
export function endTraining(subject: object): void {
  underWay.delete(subject);
}
