// The part of the tar format (POSIX ustar) that a pack needs: regular files with short names, sizes below 8 GiB.

export const BLOCK_BYTES = 512;

/** Every entry stands in this folder, so that unpacking by hand makes one. */
const TAR_FOLDER = "crashpack";

const NAME_BYTES = 100;
const PREFIX_AT = 345;
const CHECKSUM_AT = 148;
const CHECKSUM_BYTES = 8;

export interface TarEntry {
  /** Below `TAR_FOLDER`. */
  readonly name: string;
  readonly sizeBytes: number;
  /** 0o644 or 0o755 */
  readonly mode: number;
}

/** The header of one file: no owner, no time. Throws RangeError for what does not fit. */
export function tarHeader({ name, sizeBytes, mode }: TarEntry): Buffer {
  const bytes = Buffer.from(name, "utf8");
  if (bytes.length > NAME_BYTES)
    throw new RangeError(`a name of ${bytes.length} bytes does not fit a tar header`);
  if (sizeBytes >= 8 ** 11) throw new RangeError(`${sizeBytes} bytes do not fit a tar header`);
  const block = Buffer.alloc(BLOCK_BYTES);
  block.set(bytes, 0);
  block.write(octal(mode, 8), 100, "latin1");
  block.write(octal(0, 8), 108, "latin1");
  block.write(octal(0, 8), 116, "latin1");
  block.write(octal(sizeBytes, 12), 124, "latin1");
  block.write(octal(0, 12), 136, "latin1");
  block.write("0", 156, "latin1");
  block.write("ustar\u000000", 257, "latin1");
  block.write(octal(0, 8), 329, "latin1");
  block.write(octal(0, 8), 337, "latin1");
  block.write(TAR_FOLDER, PREFIX_AT, "latin1");
  block.write(`${octal(checksum(block), 7)} `, CHECKSUM_AT, "latin1");
  return block;
}

/** Reads a header back: null for anything but just what `tarHeader` writes, links and folders included. */
export function readTarHeader(block: Buffer): TarEntry | null {
  const end = block.indexOf(0);
  const name = block.subarray(0, Math.min(end === -1 ? NAME_BYTES : end, NAME_BYTES)).toString("utf8");
  const size = Number.parseInt(block.toString("latin1", 124, 135), 8);
  const mode = Number.parseInt(block.toString("latin1", 100, 107), 8);
  if (!Number.isSafeInteger(size) || (mode !== 0o644 && mode !== 0o755)) return null;
  const entry = { name, sizeBytes: size, mode };
  return Buffer.byteLength(name) <= NAME_BYTES && tarHeader(entry).equals(block) ? entry : null;
}

/** Bytes of zeros that fill a file's last block. */
export function paddingOf(sizeBytes: number): number {
  return (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES;
}

/** Sum of the bytes, those of the sum itself taken as spaces. */
function checksum(block: Buffer): number {
  let sum = CHECKSUM_BYTES * 0x20;
  for (const [at, byte] of block.entries()) {
    if (at < CHECKSUM_AT || at >= CHECKSUM_AT + CHECKSUM_BYTES) sum += byte;
  }
  return sum;
}

/** In a field of so many bytes, the last one NUL. */
function octal(value: number, fieldBytes: number): string {
  return `${value.toString(8).padStart(fieldBytes - 1, "0")}\0`;
}
