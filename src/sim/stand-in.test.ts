import { expect, test } from "vitest";
import { standInDigest } from "./stand-in.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a stand-in digest is a function of the bytes alone", () => {
  const long = "0123456789".repeat(20_000);
  for (const text of ["", "a", "abc", "abcd", "é", "𝄞 and more", "\u0000", long, `${long}é`]) {
    expect(standInDigest(text)).toMatch(/^[0-9a-f]{64}$/);
    expect(standInDigest(bytes(text))).toBe(standInDigest(text));
    // Also when they are a part of something larger, at an odd place.
    const larger = bytes(`xyz${text}!`);
    expect(standInDigest(larger.subarray(3, larger.length - 1))).toBe(standInDigest(text));
  }
});

test("what was hashed before says nothing of what comes after it", () => {
  const before = standInDigest("ab");
  standInDigest("a".repeat(99));
  expect(standInDigest("ab")).toBe(before);
});

test("100,000 texts that are alike have 100,000 digests, and zeros at an end count", () => {
  const seen = new Set<string>();
  for (let number = 0; number < 100_000; number++) {
    seen.add(standInDigest(`{"n":${number % 1000},"kind":"chunk","index":${Math.floor(number / 1000)}}`));
  }
  expect(seen.size).toBe(100_000);
  const zeros = new Set(Array.from({ length: 100 }, (_, count) => standInDigest(new Uint8Array(count))));
  expect(zeros.size).toBe(100);
});

test("any one bit of a text changes about half of the digest's first 64 bits", () => {
  const text = bytes("the quick brown fox jumps over the lazy dog");
  const first = BigInt(`0x${standInDigest(text).slice(0, 16)}`);
  let sum = 0;
  for (let bit = 0; bit < 8 * text.length; bit++) {
    const other = text.slice();
    other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const changed = first ^ BigInt(`0x${standInDigest(other).slice(0, 16)}`);
    const count = changed.toString(2).replaceAll("0", "").length;
    expect(count).toBeGreaterThan(4);
    sum += count;
  }
  expect(sum / (8 * text.length)).toBeGreaterThan(24);
});
