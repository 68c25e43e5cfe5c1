import type { ModelOutput } from '../../entities/run.ts';
import type { InputRecord, ModelInputRecord } from '../../store/log-record.ts';
import type { Writer } from '../delivery/writer.ts';
import { getActiveModelId } from './active-model.ts';
import { type LogMetricOptions, toInputRecord, toModelInputRecord } from './records.ts';

/**
 * The logged models and datasets that a run's metrics measure: each is linked to the run once.
 *
 * Source: mlflow/tracking/fluent.py `log_metric`, read at 3.17.2.
 */
export class MetricLinks {
  readonly #writer: Writer;
  readonly #runId: string;
  /** Ids of models, and datasets by name and digest, that the run is linked to. */
  readonly #linked = new Set<string>();
  readonly #outputs = new Map<number, string>();

  constructor(writer: Writer, runId: string) {
    this.#writer = writer;
    this.#runId = runId;
  }

  /** Names the model of a metric that names none: the active one, else the output of the same step. */
  complete(options: LogMetricOptions): LogMetricOptions {
    if (options?.modelId !== undefined) return options;
    const modelId = getActiveModelId() ?? this.#outputs.get(options?.step ?? 0);
    return modelId === undefined ? options : { ...options, modelId };
  }

  /** Links model and dataset of a metric to the run, where they are not. */
  append({ modelId, dataset }: LogMetricOptions): void {
    if (modelId !== undefined && !this.#linked.has(modelId)) {
      this.appendInput(toModelInputRecord(this.#runId, { modelId }));
    }
    if (dataset !== undefined && 'source' in dataset && !this.#linked.has(keyOf(dataset))) {
      this.appendInput(toInputRecord(this.#runId, dataset, {}));
    }
  }

  appendInput(record: InputRecord | ModelInputRecord): void {
    this.#writer.append(record);
    this.#linked.add(record.op === 'input' ? keyOf(record.dataset) : record.modelId);
  }

  noteOutput({ modelId, step }: ModelOutput): void {
    this.#linked.add(modelId);
    if (!this.#outputs.has(step)) this.#outputs.set(step, modelId);
  }
}

function keyOf({ name, digest }: { readonly name: string; readonly digest: string }): string {
  return `${name}\n${digest}`;
}
