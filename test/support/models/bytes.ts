/** Collects bytes in either byte order. */
export class ByteWriter {
  private readonly parts: Buffer[] = [];
  private readonly little: boolean;
  length = 0;

  constructor(little: boolean) {
    this.little = little;
  }

  bytes(bytes: Uint8Array): void {
    this.parts.push(Buffer.from(bytes));
    this.length += bytes.length;
  }

  integer(value: bigint, width: 1 | 2 | 4 | 8): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
    const narrow = bytes.subarray(0, width);
    this.bytes(this.little ? narrow : narrow.reverse());
  }

  float(value: number, width: 4 | 8): void {
    const bytes = Buffer.alloc(width);
    if (width === 4) bytes.writeFloatLE(value);
    else bytes.writeDoubleLE(value);
    this.bytes(this.little ? bytes : bytes.reverse());
  }

  padTo(multiple: number): void {
    this.bytes(Buffer.alloc((multiple - (this.length % multiple)) % multiple));
  }

  done(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.parts));
  }
}
