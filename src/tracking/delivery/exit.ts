import type { RunStatus } from '../../entities/run.ts';

/** What is done when this thread comes to its end. */
export interface ExitWork {
  /** Delivers, while the event loop can still turn; called when it has run dry. */
  drain(): Promise<void>;
  /** Ends what is open, with the status that the program's outcome means; synchronous. */
  finish(status: RunStatus): void;
}

/**
 * Does the work when this thread ends by itself, by `process.exit` or by an uncaught error; once installed it stays.
 *
 * Listens to no signal, because a listener would change how the program dies: what a signal interrupts is in the
 * journal.
 */
export function installExitWork(work: ExitWork): void {
  let sawUncaughtError = false;
  process.on('uncaughtExceptionMonitor', () => {
    // A program that takes uncaught errors itself goes on, and tells its outcome by its exit code.
    sawUncaughtError ||= process.listenerCount('uncaughtException') === 0;
  });
  process.on('beforeExit', () => void work.drain());
  process.on('exit', (code) => work.finish(toRunStatus(code, sawUncaughtError)));
}

/** What an exit code says of a run: 128 and a signal's number is what shells and programs answer to a signal with. */
export function toRunStatus(exitCode: number, sawUncaughtError: boolean): RunStatus {
  if (exitCode > 128 && exitCode < 128 + 65) return 'KILLED';
  return exitCode === 0 && !sawUncaughtError ? 'FINISHED' : 'FAILED';
}
