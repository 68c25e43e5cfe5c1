/** A span that a case must leave behind. */
export interface ExpectedSpan {
  /** Compared for autolog alone: each tracer has names of its own. */
  readonly name?: string;
  /** Compared for autolog alone. */
  readonly type?: string;
  /** @default false */
  readonly isError?: boolean;
  /** Must stand somewhere in the span. */
  readonly text?: string;
  /** Input and output tokens. */
  readonly tokens?: readonly [number, number];
  /** Tokens that are contained in those, cached and reasoning; some tracers subtract them. */
  readonly parts?: readonly [number, number];
  /** Made by this package beyond what others trace; not asked of peers. */
  readonly isOurs?: boolean;
  /** Name of the span above it; compared for autolog alone. */
  readonly parent?: string;
}

/** A small program against a library, and the spans that are right for it. */
export interface TransparencyCase<Context> {
  run(context: Context): unknown;
  readonly spans: readonly ExpectedSpan[];
  /** Wants a process of its own, of which the end is observed, too. */
  readonly alone?: boolean | { readonly nodeArgs?: readonly string[] };
}

/** Cases that share a set-up. */
export interface Suite<Context> {
  readonly name: string;
  /** Folder with an `import-here.mjs`, from which the library is loaded. @default `bench/peers`, or this one in tests */
  readonly folder?: string;
  /** Packages whose versions the document tells. @default the suite's name */
  readonly libraries?: readonly string[];
  /** Peers that see what the cases do, by id; those that want a handler passed see nothing unless a case does so. @default all */
  readonly peers?: readonly string[];
  /** What the document says beside the table. */
  readonly remarks?: string;
  /** What the parent starts for the children, as a server; its `env` goes to `Program.env`. */
  startServer?(): Promise<SuiteServer>;
  /** Called once for each case. */
  createContext(program: Program): Promise<Context> | Context;
  /** Called after each case; waits for what goes on in the background. */
  settle?(context: Context): Promise<void>;
  /** Blanks what differs by chance in the text of an observation. */
  blank?(text: string): string;
  readonly cases: Readonly<Record<string, TransparencyCase<Context>>>;
}

/** A server in the parent process. */
export interface SuiteServer {
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** What the harness gives to a suite. */
export interface Program {
  /** Loads a module of the library's copy that the run is about. */
  load(specifier: string): Promise<unknown>;
  /** What the subject asks a program to do with its client; the client itself for most. */
  wrapClient<T>(client: T): T;
  /** What the subject asks a program to hand to the library; empty for most. */
  callbacks(): readonly unknown[];
  /** Adds something to what is observed. */
  note(kind: string, value: unknown): void;
  /** Environment that the parent gives, as the address of its server. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A span as a subject tells of it. */
export interface SeenSpan {
  readonly id: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly type?: string;
  readonly isEnded: boolean;
  readonly isError: boolean;
  /** All that it says, as text. */
  readonly data: string;
}

/** What came of one case under one subject; plain data. */
export interface Observation {
  /** What `run` returned or threw, made plain; `ended` is false when it took too long. */
  readonly outcome: unknown;
  readonly ended: boolean;
  readonly unhandled: readonly string[];
  readonly warnings: readonly string[];
  /** What the context noted, by kind. */
  readonly notes: Readonly<Record<string, readonly unknown[]>>;
  /** Of a case alone. */
  readonly exit?: ProcessEnd;
  readonly spans: readonly SeenSpan[];
}

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A way of running cases: native, autolog, or a peer. */
export interface Subject {
  /** File in `bench/peers/subjects` without its ending, `native` or `autolog`. */
  readonly id: string;
  readonly title: string;
  readonly loading: 'require' | 'import';
  readonly nodeArgs: readonly string[];
}

/** What switching a subject on gives. */
export interface Switched {
  wrapClient?(client: unknown): unknown;
  callbacks?(): readonly unknown[];
  afterLoad?(exports: unknown, specifier: string): unknown;
  flush(): Promise<unknown>;
  spans(): readonly SeenSpan[] | Promise<readonly SeenSpan[]>;
}
