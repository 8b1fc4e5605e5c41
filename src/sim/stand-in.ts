// A digest for simulated worlds in the place of SHA-256: as long, a function of the bytes alone, and cheaper for the short texts of which a simulated transfer hashes a hundred. What a simulation needs
// of a digest is that equal bytes have equal ones and others have others. Its state has 64 bits: that two of the few
// hundred contents of any of a million worlds share one is less likely than one in a billion. Against somebody who
// looks for two it is no help.

const FIRST = 0x9e3779b1 | 0;
const SECOND = 0x85ebca77 | 0;
const DIGEST_CHARS = 64;
/** A piece of longer data; whole words. */
const PIECE_BYTES = 65_536;
/** UTF-8 of a UTF-16 unit. */
const MAX_UNIT_BYTES = 3;

// Every machine that runs this is little-endian.
const piece = Buffer.alloc(PIECE_BYTES);
const words = new Int32Array(piece.buffer, piece.byteOffset, PIECE_BYTES / 4);
const digits = Buffer.alloc(DIGEST_CHARS);
const pairs = new Uint16Array(digits.buffer, digits.byteOffset, DIGEST_CHARS / 2);
/** Two hex digits, as they lie in memory, of each byte: a table that stays in the nearest cache. */
const HEX: Uint16Array = Uint16Array.from({ length: 256 }, (_, number) => {
  const [high, low] = [number >>> 4, number & 15].map((digit) => (digit < 10 ? 48 + digit : 87 + digit));
  return (high ?? 0) | ((low ?? 0) << 8);
});

/** 64 lower-case hex digits of some bytes, or of a text in UTF-8. */
export function standInDigest(data: string | Uint8Array): string {
  if (typeof data !== "string") return ofBytes(data);
  if (data.length * MAX_UNIT_BYTES > PIECE_BYTES) return ofBytes(Buffer.from(data, "utf8"));
  const length = piece.write(data, 0, "utf8");
  begin(length);
  mix(length);
  return written();
}

function ofBytes(data: Uint8Array): string {
  begin(data.length);
  for (let at = 0; at < data.length; at += PIECE_BYTES) {
    const part = data.length <= PIECE_BYTES ? data : data.subarray(at, at + PIECE_BYTES);
    piece.set(part);
    mix(part.length);
  }
  return written();
}

let first = 0;
let second = 0;

function begin(length: number): void {
  first = length ^ FIRST;
  second = length ^ SECOND;
}

/** Takes in what lies in `piece`. */
function mix(length: number): void {
  const count = (length + 3) >> 2;
  // What was there before is no part of the last word.
  for (let at = length; at < 4 * count; at++) piece[at] = 0;
  let [a, b] = [first, second];
  for (let at = 0; at < count; at++) {
    const word = words[at] ?? 0;
    a = Math.imul(a ^ word, FIRST);
    b = Math.imul(b ^ word, SECOND);
    a = ((a << 13) | (a >>> 19)) ^ b;
    b = (b << 17) | (b >>> 15);
  }
  first = a;
  second = b;
}

/** Both halves of the state go into every eight digits; the second half of the digits repeats the first. */
function written(): string {
  let [a, b] = [first, second];
  const half = pairs.length / 2;
  for (let at = 0; at < half; at += 4) {
    let word = Math.imul(a ^ (b >>> 16), SECOND) ^ Math.imul(b + at, FIRST);
    word = Math.imul(word ^ (word >>> 15), SECOND);
    word ^= word >>> 13;
    for (let part = at; part < at + 4; part++, word >>>= 8) {
      const pair = HEX[word & 0xff] ?? 0;
      pairs[part] = pair;
      pairs[part + half] = pair;
    }
    a = Math.imul(a ^ (a >>> 16), FIRST);
    b = Math.imul(b ^ (b >>> 13), SECOND) ^ a;
  }
  return digits.toString("latin1", 0, DIGEST_CHARS);
}
