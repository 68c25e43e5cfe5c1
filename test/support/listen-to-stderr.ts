/** Hears what is written to stderr, in place of the terminal, until `stop`. */
export function listenToStderr(): { readonly text: string; stop(): void } {
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
    stop() {
      process.stderr.write = write;
    },
  };
}
