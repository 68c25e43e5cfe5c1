/** A dataset of tfjs-data, or anything else with an iterator. Source: tfjs-layers `src/engine/dataset_stub.ts`. */
export interface BatchedDataset {
  readonly size?: number | null;
  iterator(): Promise<BatchIterator>;
}

/** Hands out batches. */
export interface BatchIterator {
  next(): Promise<{ readonly value: unknown; readonly done: boolean }>;
}

/** Told of the first pass over a dataset. */
export interface PassListener {
  /** A batch, before the training gets it; its tensors are gone after the step. */
  batch(features: unknown, targets: unknown): void;
  ended(): void;
}

/** True for what `fitDataset` takes as a dataset. */
export function isDataset(value: unknown): value is BatchedDataset {
  return (
    typeof value === 'object' && value !== null && 'iterator' in value && typeof value.iterator === 'function'
  );
}

/**
 * The same dataset, with a listener to its first pass; nothing is read that the training does not read.
 *
 * `fitDataset` makes one iterator that it never uses, so the first pass is that of the first iterator that is asked.
 */
export function observeDataset(dataset: BatchedDataset, listener: PassListener): BatchedDataset {
  let first: BatchIterator | undefined;
  return Object.create(dataset, {
    // The getter of a class with private fields works only on the object itself.
    size: { get: () => dataset.size },
    iterator: {
      value: async (): Promise<BatchIterator> => {
        const iterator = await dataset.iterator();
        return Object.create(iterator, {
          next: {
            value: async () => {
              const item = await iterator.next();
              first ??= iterator;
              if (first === iterator) tell(listener, item);
              return item;
            },
          },
        }) as BatchIterator;
      },
    },
  }) as BatchedDataset;
}

function tell(listener: PassListener, { value, done }: { value: unknown; done: boolean }): void {
  if (typeof value === 'object' && value !== null) {
    const { xs, ys, 0: first, 1: second } = value as Readonly<Record<string, unknown>>;
    listener.batch(xs ?? first, ys ?? second);
  }
  if (done) listener.ended();
}
