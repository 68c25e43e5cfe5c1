const MAX_DEPTH = 12;

/** Turns what a program sees into plain data: classes by name, errors by what programs read of them. */
export function describeValue(value: unknown, above: readonly unknown[] = []): unknown {
  if (value === undefined) return '(undefined)';
  if (typeof value === 'function') return `(function ${value.name})`;
  if (typeof value === 'bigint' || typeof value === 'symbol') return `(${typeof value} ${String(value)})`;
  if (typeof value === 'number' && !Number.isFinite(value)) return `(number ${value})`;
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value)) return '(cycle)';
  if (above.length > MAX_DEPTH) return '(deeper)';
  const within = [...above, value];
  if (Array.isArray(value)) return value.map((item) => describeValue(item, within));
  if (value instanceof Error) return describeError(value, within);
  if (value instanceof Date) return `(Date ${value.toISOString()})`;
  if (ArrayBuffer.isView(value)) return `(${value.constructor.name} of ${value.byteLength} bytes)`;
  if (value instanceof Map) return { '(class)': 'Map', entries: describeValue([...value], within) };
  if (value instanceof Set) return { '(class)': 'Set', values: describeValue([...value], within) };
  if (isOpaque(value)) return `(${className(value)})`;
  return describeFields(value, within);
}

/** Streams, promises and replies are told by their class: what is inside is not data. */
function isOpaque(value: object): boolean {
  return /Promise|Stream|Response|Headers|Signal|Controller|Request$/.test(className(value));
}

function describeError(error: Error, within: readonly unknown[]): unknown {
  const own = Object.fromEntries(Object.entries(error).filter(([key]) => key !== 'stack'));
  return {
    '(error)': className(error),
    name: error.name,
    message: error.message,
    ...(error.cause === undefined ? {} : { cause: describeValue(error.cause, within) }),
    ...(Object.keys(own).length === 0 ? {} : { fields: describeFields(own, within) }),
  };
}

function describeFields(value: object, within: readonly unknown[]): unknown {
  const name = className(value);
  const fields = Object.entries(value).map(([key, inner]) => [key, describeValue(inner, within)]);
  return { ...(name === 'Object' ? {} : { '(class)': name }), ...Object.fromEntries(fields) };
}

function className(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return 'Object';
  const type: unknown = value.constructor;
  return typeof type === 'function' ? type.name : 'Object';
}
