/** What a collector has not taken of a request that it has taken. */
export interface PartialSuccess {
  readonly rejectedCount: number;
  readonly message?: string;
}

/**
 * Reads the answer of a collector; one that cannot be read has rejected nothing.
 *
 * Source: opentelemetry/proto/collector/trace/v1/trace_service.proto, read at 1.10.
 */
export function readPartialSuccess(bytes: Uint8Array): PartialSuccess {
  const partial = fieldsOf(bytes).get(1);
  if (!(partial instanceof Uint8Array)) return { rejectedCount: 0 };
  const fields = fieldsOf(partial);
  const count = fields.get(1);
  const message = fields.get(2);
  return {
    rejectedCount: typeof count === 'number' ? count : 0,
    ...(message instanceof Uint8Array && message.length > 0 ? { message: Buffer.from(message).toString() } : {}),
  };
}

/** The varints and the length-delimited fields of a message, up to what is neither. */
function fieldsOf(bytes: Uint8Array): Map<number, number | Uint8Array> {
  const fields = new Map<number, number | Uint8Array>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; at < bytes.length; shift *= 128) {
      const byte = bytes[at] as number;
      at += 1;
      value += (byte & 127) * shift;
      if (byte < 128) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const tag = varint();
    const kind = tag % 8;
    if (kind === 0) fields.set(Math.floor(tag / 8), varint());
    else if (kind === 2) {
      const length = varint();
      fields.set(Math.floor(tag / 8), bytes.subarray(at, at + length));
      at += length;
    } else break;
  }
  return fields;
}
