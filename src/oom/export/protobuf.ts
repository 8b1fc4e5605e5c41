import { Buffer } from "node:buffer";

const VARINT = 0;
const LENGTH = 2;

/** Writes one message in the wire format of Protocol Buffers: only what a profile needs. */
export class ProtoWriter {
  readonly #parts: Buffer[] = [];

  /** A whole number from 0; 0 is left out, as the default. */
  int(field: number, value: number): this {
    if (value !== 0) this.#parts.push(varint(field * 8 + VARINT), varint(value));
    return this;
  }

  /** Several whole numbers, packed. */
  ints(field: number, values: readonly number[]): this {
    if (values.length > 0) this.bytes(field, Buffer.concat(values.map(varint)));
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value, "utf8"));
  }

  message(field: number, write: (inner: ProtoWriter) => unknown): this {
    const inner = new ProtoWriter();
    write(inner);
    return this.bytes(field, inner.finish());
  }

  bytes(field: number, value: Buffer): this {
    this.#parts.push(varint(field * 8 + LENGTH), varint(value.length), value);
    return this;
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** A safe whole number from 0, seven bits a byte, the lowest first. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
