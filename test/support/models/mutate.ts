import type { SeededRandom } from "./random.ts";

/** Numbers that break sums: edges of every width, and what counts wrap at. */
const EDGES = [
  0n,
  1n,
  0x7fn,
  0xffn,
  0xffffn,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** Words that mean something in one of the formats. */
const WORDS = ['"', "{", "}", "[0,", "\\u", "__metadata__", "general.alignment", "GGUF", "-", "e9", "\u0000"];

/** A copy of a file with one to three changes of the kinds that files suffer, by accident or on purpose. */
export function mutate(random: SeededRandom, file: Uint8Array, other: Uint8Array): Uint8Array {
  let bytes: Buffer = Buffer.from(file);
  const times = 1 + random.below(3);
  for (let time = 0; time < times && bytes.length > 0; time++) bytes = change(random, bytes, other);
  return new Uint8Array(bytes);
}

function change(random: SeededRandom, bytes: Buffer, other: Uint8Array): Buffer {
  // Most of a file's meaning is in its first bytes.
  const at = random.below(random.chance(3) ? Math.min(64, bytes.length) : bytes.length);
  const length = 1 + random.below(Math.min(16, bytes.length - at));
  switch (random.below(9)) {
    case 0:
      bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
      return bytes;
    case 1:
      bytes[at] = random.below(256);
      return bytes;
    case 2:
      return overwrite(bytes, at, edge(random));
    case 3:
      return bytes.subarray(0, at);
    case 4:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 5:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    case 6:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick(WORDS)), bytes.subarray(at)]);
    case 7:
      return overwrite(bytes, nextDigit(bytes, at), Buffer.from(String(random.below(10))));
    default:
      return Buffer.concat([bytes.subarray(0, at), other.subarray(random.below(other.length))]);
  }
}

/** Changed digits keep JSON valid, so that its numbers are what is tested. */
function nextDigit(bytes: Buffer, from: number): number {
  const found = bytes.subarray(from).findIndex((byte) => byte >= 0x30 && byte <= 0x39);
  return found === -1 ? from : from + found;
}

function edge(random: SeededRandom): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(random.pick(EDGES));
  const narrow = bytes.subarray(0, random.pick([1, 4, 8]));
  return random.chance(3) ? narrow.reverse() : narrow;
}

function overwrite(bytes: Buffer, at: number, patch: Buffer): Buffer {
  patch.copy(bytes, at);
  return bytes;
}
