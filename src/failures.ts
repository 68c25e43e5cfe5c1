import { errorMessage } from './errors.ts';

const failures = new Map<string, { count: number; warned: boolean }>();
const silenced = new Set<string>();

/** How a failure is told. */
export interface ReportFailureOptions {
  /** Counts without a warning. @default false */
  readonly silent?: boolean;
}

/**
 * Takes a failure of ours that happened inside a call of the user's program: counted, and told on stderr once for
 * each `where`.
 *
 * `where` names the target and holds no changing values: "patch openai `create`", "delivery to sqlite:///mlflow.db".
 *
 * @throws the error itself in test mode (`AUTOLOG_TESTING=1`), and nothing otherwise.
 */
export function reportFailure(where: string, error: unknown, options: ReportFailureOptions = {}): void {
  const failure = failures.get(where) ?? { count: 0, warned: false };
  failures.set(where, failure);
  failure.count += 1;
  if (isTesting()) throw error;
  if (failure.warned || options.silent || silenced.has(where.split(/[ :]/, 1)[0] as string)) return;
  failure.warned = true;
  warn(`autolog: ${where}: ${errorMessage(error)}\n`);
}

/** True in test mode, where failures are thrown instead of told, and hooks are checked: `AUTOLOG_TESTING=1`. */
export function isTesting(): boolean {
  return process.env.AUTOLOG_TESTING === '1';
}

/** Counts what fails under a `where` that begins with this word, without a warning; or warns again. */
export function silenceFailures(word: string, isSilent: boolean): void {
  if (isSilent) silenced.add(word);
  else silenced.delete(word);
}

const told = new Set<string>();

/** Tells something on stderr, once, that is no failure: what the user has set cannot be meant so. */
export function tellOnce(text: string): void {
  if (told.has(text)) return;
  told.add(text);
  warn(`autolog: ${text}\n`);
}

/** As the console does: where stderr is closed or its disk is full, an `error` event would end the program. */
function warn(text: string): void {
  try {
    const { stderr } = process;
    // Messages quote servers and databases, which may say what moves a terminal's cursor.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be removed
    stderr.write(text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, ' '), (error) => {
      if (error && stderr.listenerCount('error') === 0) stderr.once('error', () => undefined);
    });
  } catch {
    // EBADF and the like: there is no stderr, and nowhere else to tell.
  }
}

/** How often each target has failed since the process began. */
export function failureCounts(): Readonly<Record<string, number>> {
  return Object.fromEntries([...failures].map(([where, { count }]) => [where, count]));
}
