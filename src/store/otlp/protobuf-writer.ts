/** Wire types of protobuf's encoding. Source: protobuf.dev, "Encoding". */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

const UINT64 = (1n << 64n) - 1n;

/** Writes the fields of one protobuf message after another; a field is written wherever it is called. */
export class ProtobufWriter {
  #buffer = Buffer.allocUnsafe(4096);
  #end = 0;

  /** What was written. */
  finish(): Uint8Array {
    return this.#buffer.subarray(0, this.#end);
  }

  /** A whole number: a boolean, an enum, an int64 (two's complement). */
  varint(field: number, value: number | bigint): void {
    this.#tag(field, VARINT);
    if (typeof value === 'number' && value >= 0 && value < 2 ** 31) this.#varint32(value);
    else this.#varint64(BigInt(value) & UINT64);
  }

  fixed64(field: number, value: bigint): void {
    this.#tag(field, FIXED64);
    this.#room(8);
    this.#end = this.#buffer.writeBigUInt64LE(value & UINT64, this.#end);
  }

  fixed32(field: number, value: number): void {
    this.#tag(field, FIXED32);
    this.#room(4);
    this.#end = this.#buffer.writeUInt32LE(value, this.#end);
  }

  double(field: number, value: number): void {
    this.#tag(field, FIXED64);
    this.#room(8);
    this.#end = this.#buffer.writeDoubleLE(value, this.#end);
  }

  /** Text as UTF-8; lone surrogates become U+FFFD. */
  string(field: number, text: string): void {
    this.#tag(field, BYTES);
    const sizeBytes = Buffer.byteLength(text);
    this.#varint32(sizeBytes);
    this.#room(sizeBytes);
    this.#end += this.#buffer.write(text, this.#end, 'utf8');
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.#tag(field, BYTES);
    this.#varint32(bytes.length);
    this.#room(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** A message within this one, with the fields that `write` writes. */
  message(field: number, write: () => void): void {
    this.#tag(field, BYTES);
    const start = this.#end;
    write();
    const sizeBytes = this.#end - start;
    // The length stands before the content and is known after it.
    const shift = varintSize(sizeBytes);
    this.#room(shift);
    this.#buffer.copyWithin(start + shift, start, this.#end);
    this.#end = start;
    this.#varint32(sizeBytes);
    this.#end += sizeBytes;
  }

  #tag(field: number, wireType: number): void {
    this.#varint32(field * 8 + wireType);
  }

  #varint32(value: number): void {
    this.#room(5);
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) this.#buffer[this.#end++] = (rest & 0x7f) | 0x80;
    this.#buffer[this.#end++] = rest;
  }

  #varint64(value: bigint): void {
    this.#room(10);
    let rest = value;
    for (; rest > 0x7fn; rest >>= 7n) this.#buffer[this.#end++] = Number(rest & 0x7fn) | 0x80;
    this.#buffer[this.#end++] = Number(rest);
  }

  #room(sizeBytes: number): void {
    if (this.#end + sizeBytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, this.#end + sizeBytes));
    this.#buffer.copy(larger, 0, 0, this.#end);
    this.#buffer = larger;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest >>>= 7) size += 1;
  return size;
}
