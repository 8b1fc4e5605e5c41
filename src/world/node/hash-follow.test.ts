import { createHash } from "node:crypto";
import { appendFileSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { failureOf, pattern } from "../../../test/support/net.ts";
import { tempDir } from "../../../test/support/temp.ts";
import type { FollowOptions, Follower } from "../hash.ts";
import { nodeHash } from "./hash.ts";

const PART = 1_000_000;

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function partsOf(content: Buffer, partBytes: number): { readonly partBytes: number; readonly hex: string[] } {
  const count = Math.ceil(content.length / partBytes);
  const hex = Array.from({ length: count }, (_, index) =>
    sha256(content.subarray(index * partBytes, (index + 1) * partBytes)),
  );
  return { partBytes, hex };
}

function file(content: Uint8Array): string {
  const path = join(tempDir(), "file");
  writeFileSync(path, content);
  return path;
}

async function follow(path: string, options?: FollowOptions): Promise<Follower> {
  const follower = await nodeHash.follow(path, options);
  onTestFinished(() => follower.abandon());
  return follower;
}

test.each([0, 1, 2 * 1024 * 1024, 5_000_001])("hashes a file of %d bytes while it grows", async (size) => {
  const content = pattern(size);
  const path = file(Buffer.alloc(0));
  const follower = await follow(path);
  for (let at = 0; at < size; at += 700_000) {
    appendFileSync(path, content.subarray(at, at + 700_000));
    follower.advance(Math.min(size, at + 700_000));
    await sleep(2);
  }
  expect(await follower.end()).toEqual({ hex: sha256(content), sizeBytes: size });
});

test.each([
  [5 * PART, PART],
  [5 * PART + 1, PART],
  [PART - 1, PART],
  [5_000_000, 3 * 1024 * 1024],
  [1000, 1],
  [0, PART],
])("good parts make the same digest: %d bytes in parts of %d", async (size, partBytes) => {
  const content = pattern(size);
  const bad: number[] = [];
  const parts = partsOf(content, partBytes);
  const follower = await follow(file(content), { parts, onBadPart: (index) => bad.push(index) });
  follower.advance(Math.floor(size / 2));
  follower.advance(size);
  expect(await follower.end()).toEqual({ hex: sha256(content), sizeBytes: size });
  expect(bad).toEqual([]);
});

test("waits at each bad part until it was written anew, also a second time and at the end", async () => {
  const content = pattern(4 * PART + 500);
  const parts = partsOf(content, PART);
  const wrong = Buffer.from(content);
  wrong.fill(1, 100, 110);
  wrong.fill(2, 2 * PART + 5, 3 * PART - 5);
  wrong.fill(3, 4 * PART + 499);
  const path = file(wrong);
  const descriptor = openSync(path, "r+");
  const seen: string[] = [];
  let tries = 0;
  const follower = await follow(path, {
    parts,
    onBadPart(index, hex) {
      seen.push(`${index} ${hex === parts.hex[index]}`);
      tries += 1;
      // The first repair of part 2 is as bad as the part was.
      if (tries !== 2)
        writeSync(
          descriptor,
          content,
          index * PART,
          Math.min(PART, content.length - index * PART),
          index * PART,
        );
      setTimeout(() => follower.again(), 20);
    },
  });
  follower.advance(3 * PART + 1);
  await sleep(30);
  follower.advance(content.length);
  expect(await follower.end()).toEqual({ hex: sha256(content), sizeBytes: content.length });
  expect(seen).toEqual(["0 false", "2 false", "2 false", "4 false"]);
});

test("a part is judged as soon as it is there", async () => {
  const content = pattern(3 * PART);
  const parts = { partBytes: PART, hex: ["0".repeat(64), "1".repeat(64), "2".repeat(64)] };
  let tell: (index: number) => void = () => undefined;
  const bad = new Promise<number>((resolve) => {
    tell = resolve;
  });
  const follower = await follow(file(content), { parts, onBadPart: (index) => tell(index) });
  follower.advance(PART);
  expect(await bad).toBe(0);
});

test("can be abandoned while it waits for a repair", async () => {
  const parts = { partBytes: PART, hex: ["0".repeat(64)] };
  let tell: () => void = () => undefined;
  const bad = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const follower = await follow(file(pattern(PART)), { parts, onBadPart: () => tell() });
  follower.advance(PART);
  const ended = failureOf(follower.end());
  await bad;
  await sleep(20);
  await follower.abandon();
  expect((await ended).message).toContain("without a digest");
  await follower.abandon();
  follower.again();
});

test("more bytes than the parts tell of are an error", async () => {
  const content = pattern(2 * PART + 1);
  const parts = partsOf(content.subarray(0, 2 * PART), PART);
  const follower = await follow(file(content), { parts });
  follower.advance(content.length);
  expect((await failureOf(follower.end())).message).toContain("longer than its parts");
});

test("a file that is shorter than was told is an error", async () => {
  const follower = await follow(file(pattern(10)));
  follower.advance(11);
  expect(await failureOf(follower.end())).toMatchObject({ code: "EIO" });
});

test.each([0, -1, 1.5, Number.NaN, 64 * 1024 * 1024 + 1])(
  "parts of %d bytes are refused",
  async (partBytes) => {
    const options = { parts: { partBytes, hex: [] } };
    expect(await failureOf(nodeHash.follow(file(pattern(1)), options))).toBeInstanceOf(RangeError);
  },
);
