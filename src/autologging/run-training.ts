import { resolveArtifactRepository } from '../artifacts/resolve.ts';
import { nowMs, steadyMs } from '../clock.ts';
import { toJsonData } from '../json.ts';
import { logModelToRun } from '../tracking/fluent/models.ts';
import type { ActiveRun } from '../tracking/runs/active-run.ts';
import { RUN_TAGS } from '../tracking/runs/run-tags.ts';
import type { NoteOptions, TrainedModel, Training, TrainingNotes } from './training.ts';

interface Subject {
  /** In front of keys and artifact paths; empty for the first object of a run. */
  readonly prefix: string;
  readonly memory: Map<string, number>;
}

/** Takes what went wrong; `at` says at which part of the training. */
type ReportTraining = (error: unknown, at?: string) => void;

interface HeldMetrics {
  readonly metrics: Readonly<Record<string, number>>;
  readonly step: number | undefined;
  readonly timestamp: number;
}

/** So long frequent metrics are held back: together they are written in a tenth of the time. */
const HOLD_MS = 250;

const subjects = new WeakMap<ActiveRun, Map<object, Subject>>();
const holding = new Set<RunTraining>();

let isListening = false;

/** Logs a training to a run; what goes wrong is reported and never thrown. */
export class RunTraining implements Training {
  readonly isContinued: boolean;
  readonly #run: ActiveRun;
  readonly #subject: Subject;
  readonly #report: ReportTraining;
  readonly #writes: Promise<void>[] = [];
  #held: HeldMetrics[] = [];
  #writtenAtMs = Number.NEGATIVE_INFINITY;

  /** `subjectName` is asked for a second object of the run. */
  constructor(run: ActiveRun, subject: object, subjectName: () => string | undefined, report: ReportTraining) {
    const known = subjects.get(run) ?? new Map<object, Subject>();
    subjects.set(run, known);
    const present = known.get(subject);
    this.isContinued = present !== undefined;
    this.#run = run;
    this.#report = report;
    this.#subject = present ?? { prefix: this.#prefixFor(known.size, subjectName), memory: new Map() };
    known.set(subject, this.#subject);
  }

  get runId(): string {
    return this.#run.runId;
  }

  get memory(): Map<string, number> {
    return this.#subject.memory;
  }

  note(notes: TrainingNotes, { step, isFrequent = false }: NoteOptions = {}): void {
    if (isFrequent && steadyMs() - this.#writtenAtMs < HOLD_MS) {
      this.#hold({ metrics: notes.metrics ?? {}, step, timestamp: nowMs() });
      return;
    }
    this.writeHeld();
    const { prefix } = this.#subject;
    for (const [key, value] of Object.entries(notes.params ?? {})) {
      this.#attempt(() => this.#run.logParam(prefix + key, toParamText(value)));
    }
    this.#logMetrics({ metrics: notes.metrics ?? {}, step, timestamp: nowMs() });
    if (notes.tags !== undefined) this.#attempt(() => this.#run.setTags(notes.tags ?? {}));
    for (const { dataset, context } of notes.datasets ?? []) {
      this.#attempt(() =>
        this.#run.logInput({ ...dataset, source: dataset.source || this.#codeSource() }, { context }),
      );
    }
    for (const [path, text] of Object.entries(notes.texts ?? {})) {
      this.#writes.push(this.#writeText(prefix + path, text));
    }
  }

  /** Writes what is held back; before the run ends, and before the process does. */
  writeHeld(): void {
    for (const held of this.#held) this.#logMetrics(held);
    this.#held = [];
    this.#writtenAtMs = steadyMs();
    holding.delete(this);
  }

  async logModel(model: TrainedModel): Promise<void> {
    // A model is linked to the metrics that its run has by then.
    this.writeHeld();
    await Promise.all(this.#writes.splice(0));
    try {
      const name = `${this.#subject.prefix.replaceAll('/', '_')}${model.name ?? 'model'}`;
      await logModelToRun(this.#run, { ...model, name });
    } catch (error) {
      this.#report(error, ': logging the model');
    }
  }

  #hold(held: HeldMetrics): void {
    this.#held.push(held);
    holding.add(this);
    if (isListening) return;
    isListening = true;
    // Before the writers' own exit listener, which delivers for the last time.
    process.prependListener('exit', () => {
      for (const training of holding) training.writeHeld();
    });
  }

  #logMetrics({ metrics, step, timestamp }: HeldMetrics): void {
    const { prefix } = this.#subject;
    for (const [key, value] of Object.entries(metrics)) {
      this.#attempt(() => this.#run.logMetric(prefix + key, value, { step, timestamp }));
    }
  }

  /** The program as the source of its data, as MLflow's `CodeDatasetSource` writes it. */
  #codeSource(): string {
    const source = Object.entries(this.#run.tags).filter(
      ([key]) => key === RUN_TAGS.user || key.startsWith('mlflow.source.'),
    );
    return JSON.stringify({ tags: Object.fromEntries(source) });
  }

  async #writeText(path: string, text: string): Promise<void> {
    try {
      const trackingUri = this.#run.writer.store.uri;
      await resolveArtifactRepository(await this.#run.artifactUri(), { trackingUri }).logContent(path, text);
    } catch (error) {
      this.#report(error);
    }
  }

  #prefixFor(position: number, subjectName: () => string | undefined): string {
    if (position === 0) return '';
    let name: string | undefined;
    this.#attempt(() => {
      name = subjectName();
    });
    return `${name ?? `model_${position + 1}`}/`;
  }

  #attempt(fn: () => void): void {
    try {
      fn();
    } catch (error) {
      this.#report(error);
    }
  }
}

/** A value as Python's `str` writes it, so that runs of both languages compare. */
function toParamText(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'function') return value.name || 'custom';
  if (typeof value === 'object') return JSON.stringify(toJsonData(value));
  return String(value);
}
