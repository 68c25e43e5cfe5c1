import { stripVTControlCharacters, styleText } from 'node:util';

let target: NodeJS.WriteStream = process.stdout;

/** Says where text goes from now on, so that it is styled as that place shows it. */
export function styleFor(stream: NodeJS.WriteStream): void {
  target = stream;
}

/** Emphasis that a terminal may show; where output is no terminal, or NO_COLOR is set, the text stays plain. */
export const style = {
  heading: (text: string): string => styled(['bold'], text),
  dim: (text: string): string => styled(['dim'], text),
  good: (text: string): string => styled(['green'], text),
  bad: (text: string): string => styled(['red'], text),
  name: (text: string): string => styled(['cyan'], text),
};

/** True when the styles above show as colours. */
export function hasColors(): boolean {
  return styled(['bold'], 'x') !== 'x';
}

function styled(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text, { stream: target });
}

/** Lines with columns of equal width; rows × columns. The last column is not padded. */
export function table(rows: readonly (readonly string[])[], indent = ''): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, width(cell));
  }
  return rows.map((row) => {
    const cells = row.map((cell, i) =>
      i === row.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - width(cell)),
    );
    return (indent + cells.join('  ')).trimEnd();
  });
}

/** Text of a store without what could move a terminal's cursor, cut to a length. */
export function plain(text: string, maxLength = 100): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be removed
  const line = stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1)}…`;
}

/** A duration in the unit that suits it. */
export function duration(ms: number): string {
  if (ms < 1) return '< 1 ms';
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 60_000
    ? `${(ms / 1_000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}

/** A size in the unit that suits it, powers of 1024. */
export function size(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  return bytes < 1_024 ** 2 ? `${(bytes / 1_024).toFixed(1)} KiB` : `${(bytes / 1_024 ** 2).toFixed(1)} MiB`;
}

/** A metric with four significant digits. */
export function number(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

function width(text: string): number {
  return stripVTControlCharacters(text).length;
}
