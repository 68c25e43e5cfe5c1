import type { Autolog } from '../autologging/integration.ts';
import type { Logged } from './logged.ts';

/** What an integration has to prove, against its real library. */
export interface IntegrationContract<Options extends object = object> {
  readonly integration: Autolog<Options>;
  /** Calls the library in the ways that the integration names; returns plain data, the same each time. */
  readonly use: () => unknown;
  /** Has a call of the library fail with this error of the program; returns what came out of it as that error. */
  readonly fail: (error: Error) => unknown;
  /** What one `use` leaves in an empty store. */
  readonly expected: Logged;
  /** Hooks that `use` and `fail` do not come to, by name. @default [] */
  readonly unreached?: readonly string[];
  /**
   * The library, as `autolog({ modules })` takes it, where a test runner's sandbox keeps it from being found, as jest's
   * does. @default found by itself
   */
  readonly module?: unknown;
  /** False where several uses at once get into each other's way without autologging too. @default true */
  readonly concurrent?: boolean;
}
