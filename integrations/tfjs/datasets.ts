import type { Dataset } from '../../src/integration.ts';
import { type HashedArray, numpyDigest } from './digest.ts';
import { isTensor, type Tensor, type Values } from './library.ts';
import { readFirstValues } from './read-tensor.ts';
import { numpyType } from './signature.ts';

/** One tensor, or several by name: the features or the targets of a dataset. */
export type Data = Tensor | Readonly<Record<string, Tensor>>;

/** Takes features or targets as `fit` takes them; undefined for what holds no tensors. */
export function toData(value: unknown, names: readonly string[]): Data | undefined {
  if (isTensor(value)) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((each, index) => [names[index] ?? `input_${index}`, each])
    : Object.entries(value);
  const tensors = entries.filter((entry): entry is [string, Tensor] => isTensor(entry[1]));
  if (tensors.length === 0) return undefined;
  return Array.isArray(value) && tensors.length === 1 ? tensors[0]?.[1] : Object.fromEntries(tensors);
}

/** Rows of features or targets; 0 for what holds no tensors. */
export function rowCountOf(value: unknown): number {
  const data = toData(value, []);
  const tensor = isTensor(data) ? data : Object.values(data ?? {})[0];
  return tensor?.shape[0] ?? 0;
}

/** What is known of one half of a dataset, apart from its tensors, which may be gone by then. */
export interface DataDescription {
  readonly isNamed: boolean;
  readonly parts: readonly { readonly name: string; readonly dtype: string; readonly shape: readonly number[] }[];
  /** First values of each part, sorted by name. */
  readonly hashed: readonly HashedArray[];
}

/** Describes features or targets; at once where they lie in host memory. */
export function describeData(data: Data): DataDescription | Promise<DataDescription> {
  const entries: [string, Tensor][] = isTensor(data) ? [['', data]] : Object.entries(data);
  const parts = entries.map(([name, { dtype, shape }]) => ({ name, dtype, shape: [...shape] }));
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  const reads = sorted.map(([, tensor]) => readFirstValues(tensor));
  const shapes = sorted.map(([, { shape }]) => [...shape]);
  const describe = (values: readonly (Values | undefined)[]): DataDescription => ({
    isNamed: !isTensor(data),
    parts,
    hashed: values.map((each, index) => ({ values: each, shape: shapes[index] ?? [] })),
  });
  return reads.some((read) => read instanceof Promise)
    ? Promise.all(reads).then(describe)
    : describe(reads as (Values | undefined)[]);
}

/** How many rows a dataset has, when it is read in batches. */
export interface DatasetRows {
  /** Null when nobody has come to its end. */
  readonly rowCount: number | null;
  readonly batchSize: number;
}

/**
 * The dataset of two described halves, as MLflow writes one of NumPy arrays, with the number of rows besides.
 *
 * Of a dataset in batches the halves are its first batch; shapes and sizes are then those of all rows.
 *
 * Source: mlflow/data/numpy_dataset.py, read at 3.17.
 */
export function toDataset(features: DataDescription, targets?: DataDescription, rows?: DatasetRows): Dataset {
  const rowCount = rows === undefined ? (features.parts[0]?.shape[0] ?? null) : rows.rowCount;
  const wholeShape = (array: HashedArray): HashedArray =>
    rows === undefined ? array : { ...array, shape: [rowCount ?? -1, ...array.shape.slice(1)] };
  const halves = { features, ...(targets === undefined ? {} : { targets }) };
  const schema = { features: toSchema(features), targets: targets === undefined ? null : toSchema(targets) };
  const profile = {
    num_rows: rowCount,
    ...(rows === undefined ? {} : { batch_size: rows.batchSize }),
    ...Object.fromEntries(Object.entries(halves).flatMap(([name, half]) => toProfile(name, half, rowCount))),
  };
  return {
    name: 'dataset',
    digest: numpyDigest([...features.hashed, ...(targets?.hashed ?? [])].map(wholeShape)),
    sourceType: 'code',
    source: '',
    schema: JSON.stringify({ mlflow_tensorspec: schema }),
    profile: JSON.stringify(profile),
  };
}

function toSchema({ parts, isNamed }: DataDescription): string {
  return JSON.stringify(
    parts.map(({ name, dtype, shape }) => ({
      ...(isNamed ? { name } : {}),
      type: 'tensor',
      'tensor-spec': { dtype: numpyType(dtype), shape: shape.map((length, axis) => (axis === 0 ? -1 : length)) },
    })),
  );
}

function toProfile(
  half: string,
  { parts, isNamed }: DataDescription,
  rowCount: number | null,
): [string, unknown][] {
  const whole = parts.map(({ name, dtype, shape }) => {
    const known = rowCount ?? -1;
    const full = shape.length === 0 ? [] : [known, ...shape.slice(1)];
    const size = rowCount === null ? null : full.reduce((product, length) => product * length, 1);
    return { name, shape: full, size, nbytes: size === null ? null : size * bytesOf(dtype) };
  });
  const pick = (key: 'shape' | 'size' | 'nbytes'): unknown =>
    isNamed ? Object.fromEntries(whole.map((part) => [part.name, part[key]])) : whole[0]?.[key];
  return [
    [`${half}_shape`, pick('shape')],
    [`${half}_size`, pick('size')],
    [`${half}_nbytes`, pick('nbytes')],
  ];
}

function bytesOf(dtype: string): number {
  if (dtype === 'bool') return 1;
  return dtype === 'complex64' || dtype === 'string' ? 8 : 4;
}
