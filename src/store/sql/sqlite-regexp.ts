import type { DatabaseSync } from 'node:sqlite';
import type { Context, Script } from 'node:vm';
import { steadyMs } from '../../clock.ts';
import { AutologError } from '../../errors.ts';

/** Time that one query may take whose filter has regular expressions, in milliseconds. */
const LIMIT_MS = 5_000;

/**
 * SQLite's operator REGEXP, which has none of its own, with JavaScript's regular expressions in Python's spelling.
 *
 * A pattern of a few characters can keep JavaScript busy for centuries, and nothing but V8's own watchdog interrupts it. So
 * a query with REGEXP runs under one watchdog, and is refused when it takes too long. A pattern that makes no sense fits
 * nothing, as in MLflow.
 */
export class SqliteRegexp {
  readonly #patterns = new Map<string, RegExp | null>();
  #deadlineMs = Number.POSITIVE_INFINITY;
  #watchdog: ((fn: () => void, timeoutMs: number) => void) | undefined;

  constructor(database: DatabaseSync) {
    // As SQL it is `column REGEXP pattern`.
    database.function('regexp', { deterministic: true }, (pattern, text) => this.#fits(pattern, text));
  }

  /**
   * Runs a query that has REGEXP.
   *
   * @throws {AutologError} INVALID_PARAMETER_VALUE when it takes too long.
   */
  limited<T>(query: () => T): T {
    this.#deadlineMs = steadyMs() + LIMIT_MS;
    try {
      if (!CAN_INTERRUPT_SQLITE) return query();
      let result: { readonly value: T } | undefined;
      this.#watch(() => {
        result = { value: query() };
      }, LIMIT_MS);
      return (result as unknown as { readonly value: T }).value;
    } catch (error) {
      if (steadyMs() < this.#deadlineMs) throw error;
      throw new AutologError(
        'INVALID_PARAMETER_VALUE',
        `Cannot search by RLIKE: the regular expression took longer than ${LIMIT_MS / 1000} s; make it simpler, or narrow the search by another condition.`,
        { cause: error },
      );
    } finally {
      this.#deadlineMs = Number.POSITIVE_INFINITY;
    }
  }

  #fits(pattern: unknown, text: unknown): 0 | 1 {
    if (typeof pattern !== 'string' || text === null || text === undefined) return 0;
    const regexp = this.#compile(pattern);
    if (!regexp) return 0;
    if (CAN_INTERRUPT_SQLITE || this.#deadlineMs === Number.POSITIVE_INFINITY)
      return regexp.test(String(text)) ? 1 : 0;
    let fits = false;
    this.#watch(
      () => {
        fits = regexp.test(String(text));
      },
      Math.max(1, Math.ceil(this.#deadlineMs - steadyMs())),
    );
    return fits ? 1 : 0;
  }

  #compile(pattern: string): RegExp | null {
    const known = this.#patterns.get(pattern);
    if (known !== undefined) return known;
    const regexp = toRegExp(pattern);
    if (this.#patterns.size >= 100) this.#patterns.clear();
    this.#patterns.set(pattern, regexp);
    return regexp;
  }

  #watch(fn: () => void, timeoutMs: number): void {
    this.#watchdog ??= createWatchdog();
    this.#watchdog(fn, timeoutMs);
  }
}

/**
 * Whether a function of SQL that is interrupted ends its query. Node 22.15 goes on with the next row instead, so that each
 * row has a watchdog of its own there, which costs 0.1 ms; tried on 22.15, 22.23, 24.21 and 26.10.
 */
const CAN_INTERRUPT_SQLITE = canInterrupt(process.versions.node);

function canInterrupt(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major === 22) return minor >= 23;
  return major === 24 ? minor >= 21 : major >= 26;
}

function createWatchdog(): (fn: () => void, timeoutMs: number) => void {
  const vm = process.getBuiltinModule('node:vm');
  const task: { run: (() => void) | null } = { run: null };
  const script: Script = new vm.Script('run()');
  const context: Context = vm.createContext(task);
  return (fn, timeoutMs) => {
    task.run = fn;
    try {
      script.runInContext(context, { timeout: timeoutMs });
    } finally {
      task.run = null;
    }
  };
}

/** What Python writes in another way than JavaScript: flags at the beginning, names of groups, ends of the text. */
function toRegExp(pattern: string): RegExp | null {
  const [, flags = '', rest = ''] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(pattern) ?? [];
  const source = rest
    .replaceAll('(?P<', '(?<')
    .replaceAll(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replaceAll(/(?<!\\)((?:\\\\)*)\\A/g, '$1(?<![\\s\\S])')
    .replaceAll(/(?<!\\)((?:\\\\)*)\\Z/g, '$1(?![\\s\\S])');
  const unique = [...new Set(flags)].join('');
  for (const unicode of ['u', '']) {
    try {
      return new RegExp(source, unique + unicode);
    } catch {
      // A SyntaxError: some escapes are refused with the flag u only.
    }
  }
  return null;
}
