import type { SeededRandom } from "../models/random.ts";

/** Bytes that mean something at many places: opcodes of plain data, of objects and code, lengths and signs. */
const TELLING = Buffer.from(
  "(.)]}aehjqrstuGJKMNXx0123RQPcboilpg\x80\x81\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x97\x98\x00\x01\x7f\xff",
  "latin1",
);

/** One to three changes at random places: bits, bytes, pieces taken out, doubled, moved, or of another pickle. */
export function mutatePickle(random: SeededRandom, base: Buffer, other: Buffer): Buffer {
  let bytes: Buffer = Buffer.from(base);
  for (let changes = 1 + random.below(3); changes > 0 && bytes.length > 2; changes--) {
    bytes = changed(random, bytes, other);
  }
  return bytes;
}

function changed(random: SeededRandom, bytes: Buffer, other: Buffer): Buffer {
  const at = random.below(bytes.length);
  const length = 1 + random.below(Math.min(24, bytes.length - at));
  const piece = bytes.subarray(at, at + length);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at + length)];
  switch (random.below(9)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
      return bytes;
    case 1:
    case 2:
      bytes[at] = TELLING[random.below(TELLING.length)] ?? 0;
      return bytes;
    case 3:
      bytes[at] = (bytes[at] ?? 0) + (random.below(2) === 0 ? 1 : 255);
      return bytes;
    case 4:
      return Buffer.concat([before, after]);
    case 5:
      return Buffer.concat([before, piece, piece, after]);
    case 6: {
      const to = random.below(before.length + 1);
      return Buffer.concat([before.subarray(0, to), piece, before.subarray(to), after]);
    }
    case 7: {
      const from = random.below(other.length);
      return Buffer.concat([before, other.subarray(from, from + length), after]);
    }
    default:
      return Buffer.from(bytes.subarray(0, at));
  }
}
