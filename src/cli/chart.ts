import asciichart from 'asciichart';
import type { Metric } from '../entities/metric.ts';
import { hasColors, style } from './terminal.ts';

/** Size of a chart, characters. */
export interface ChartOptions {
  /** @default 64 */
  readonly width?: number;
  /** @default 7 */
  readonly height?: number;
}

/** Lines of a chart of series over their steps, all on one scale; points that are not finite are left out. */
export function chart(series: Readonly<Record<string, readonly Metric[]>>, options: ChartOptions = {}): string[] {
  const { width = 64, height = 7 } = options;
  const named = Object.entries(series)
    .map(([name, points]) => ({
      name,
      values: resample(points.map((p) => p.value).filter(Number.isFinite), width),
    }))
    .filter(({ values }) => values.length > 1);
  if (named.length === 0) return [];
  const useColor = hasColors();
  const colors = useColor ? { colors: COLORS.slice(0, named.length) } : {};
  const format = (value: number): string => value.toPrecision(3).padStart(10).slice(0, 10);
  const plot = asciichart.plot(
    named.map(({ values }) => values),
    { height, format, ...colors },
  );
  const legend = named
    .map(({ name }, i) => (useColor ? `${COLORS[i]}${name}${asciichart.reset}` : name))
    .join(', ');
  const steps = Math.max(...Object.values(series).map((points) => points.at(-1)?.step ?? 0));
  return [
    ...plot.split('\n').map((line) => line.trimEnd()),
    `           ${legend} ${style.dim(`over steps 0 to ${steps}`)}`,
  ];
}

const COLORS = [asciichart.cyan, asciichart.yellow, asciichart.magenta, asciichart.green];

/** Brings a series to one value for each column, by linear interpolation. */
function resample(values: readonly number[], width: number): number[] {
  const last = values.length - 1;
  if (last < 1) return [...values];
  return Array.from({ length: width }, (_, column) => {
    const position = (column / (width - 1)) * last;
    const left = values[Math.floor(position)] as number;
    const right = values[Math.ceil(position)] as number;
    return left + (right - left) * (position % 1);
  });
}
