import { AsyncResource } from 'node:async_hooks';

// It holds nothing that would have to be freed, and counts as an open handle (jest's `--detectOpenHandles`) if it is not.
const atStart = new AsyncResource('autolog');
// Apart, because Bun's returns nothing.
atStart.emitDestroy();

/** Runs a task in the context that this package was loaded in: a timer keeps alive what stands in the one it began in. */
export function inNoContext<Result>(task: () => Result): Result {
  return atStart.runInAsyncScope(task);
}
