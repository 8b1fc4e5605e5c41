import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Content } from "./content.ts";
import { bytesOf, part, realRun, type Run, sizeOf, virtualRun, zeroRun } from "./data.ts";
import { runsOf } from "./known-runs.ts";
import { digestOfRuns, RunHasher } from "./digest.ts";

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");
const MEMO = new Map<string, string>();

const run: fc.Arbitrary<Run> = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 200 }).map(realRun),
  fc
    .tuple(fc.nat(3), fc.nat(100_000), fc.integer({ min: 30, max: 5000 }))
    .map(([id, from, size]) => virtualRun(id, from, size)),
  fc.integer({ min: 100, max: 3000 }).map(zeroRun),
);

test("bytes that were made from runs are known again, wherever they are cut", () => {
  fc.assert(
    fc.property(fc.array(run, { maxLength: 6 }), fc.nat(10_000), (runs, at) => {
      const bytes = bytesOf(runs);
      expect(bytesOf(runsOf(bytes))).toEqual(bytes);
      const tail = part(runs, at, bytes.length);
      expect(bytesOf(tail)).toEqual(bytes.subarray(Math.min(at, bytes.length)));
    }),
  );
  for (const from of [0, 13, 2 ** 33 - 2000, 2 ** 33 + 5, 2 ** 40 + 3]) {
    expect(runsOf(bytesOf([virtualRun(7, from, 4000)]))).toEqual([virtualRun(7, from, 4000)]);
  }
});

test("the same bytes have the same digest, in whatever pieces they are hashed", () => {
  fc.assert(
    fc.property(
      fc.nat(50_000),
      fc.integer({ min: 100, max: 9000 }),
      fc.integer({ min: 40, max: 999 }),
      (from, size, step) => {
        const runs = [virtualRun(2, from, size)];
        const bytes = bytesOf(runs);
        const hasher = new RunHasher(sha256, MEMO);
        for (let at = 0; at < size; at += step) {
          // As a program does that uses its buffer again.
          const piece = bytes.slice(at, at + step);
          hasher.update(piece);
          piece.fill(1);
        }
        expect(hasher.hex()).toBe(digestOfRuns(runs, sha256, MEMO));
      },
    ),
  );
});

test("few real bytes have their true SHA-256", () => {
  const hasher = new RunHasher(sha256, MEMO);
  hasher.update("a");
  hasher.update(Buffer.from("bc"));
  expect(hasher.hex()).toBe(sha256("abc"));
  expect(digestOfRuns([], sha256, MEMO)).toBe(sha256(""));
  const zeros = new Uint8Array(1000);
  expect(digestOfRuns([zeroRun(1000)], sha256, MEMO)).toBe(sha256(zeros));
});

test("any other byte, a missing end and another content have other digests", () => {
  const whole = [virtualRun(1, 0, 10_000)];
  const changed = [virtualRun(1, 0, 5000), realRun(Uint8Array.of(1)), virtualRun(1, 5001, 4999)];
  const others = [
    changed,
    [virtualRun(1, 0, 9999)],
    [virtualRun(2, 0, 10_000)],
    [virtualRun(1, 8, 10_000)],
    [virtualRun(1, 0, 9000), zeroRun(1000)],
  ];
  const digests = [whole, ...others].map((runs) => digestOfRuns(runs, sha256, MEMO));
  expect(new Set(digests).size).toBe(digests.length);
  expect(digestOfRuns([virtualRun(1, 0, 3000), virtualRun(1, 3000, 7000)], sha256, MEMO)).toBe(digests[0]);
});

type Change = readonly ["write", number, Run] | readonly ["truncate", number] | readonly ["reserve", number];

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(fc.constant("write" as const), fc.nat(4000), run),
  fc.tuple(fc.constant("truncate" as const), fc.nat(6000)),
  fc.tuple(fc.constant("reserve" as const), fc.nat(6000)),
);

test("a content is what an array of bytes would be, and knows what it takes", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      const content = new Content();
      let plain = new Uint8Array(0);
      let allocated = 0;
      for (const [what, at, written] of changes) {
        const before = plain;
        if (what === "write") {
          plain = new Uint8Array(Math.max(before.length, at + written.size));
          plain.set(before);
          plain.set(bytesOf([written]), at);
          allocated += content.write(at, written);
        } else {
          plain = new Uint8Array(what === "truncate" ? at : Math.max(at, before.length));
          plain.set(before.subarray(0, plain.length));
          allocated += what === "truncate" ? content.truncate(at) : content.reserve(at);
        }
      }
      const read = content.read(0, plain.length + 1);
      expect(sizeOf(read)).toBe(content.size);
      expect(Buffer.compare(bytesOf(read), plain)).toBe(0);
      expect(allocated).toBe(content.allocatedBytes);
      expect(Buffer.compare(bytesOf(content.read(100, 50)), plain.subarray(100, 150))).toBe(0);
    }),
    { numRuns: 500 },
  );
});
