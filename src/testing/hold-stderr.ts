/** What was written to stderr meanwhile, kept from the terminal. */
export interface HeldStderr {
  readonly text: string;
  /** Gives stderr back. */
  release(): void;
}

/** Keeps what is written to stderr, in place of the terminal, until it is released. */
export function holdStderr(): HeldStderr {
  const { write } = process.stderr;
  let text = '';
  process.stderr.write = ((chunk: string | Uint8Array) => {
    text += String(chunk);
    return true;
  }) as typeof write;
  return {
    get text() {
      return text;
    },
    release() {
      process.stderr.write = write;
    },
  };
}
