import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { needs } from "../../test/support/needs.ts";
import { tempDir } from "../../test/support/temp.ts";
import { readElf } from "./elf.ts";

/** A file in memory that reads as the disk does: fewer bytes only at its end. */
function fileOf(bytes: Uint8Array): { readAt(buffer: Uint8Array, offset: number): Promise<number> } {
  return {
    readAt: (buffer, offset) => {
      const part = bytes.subarray(offset, offset + buffer.length);
      buffer.set(part);
      return Promise.resolve(part.length);
    },
  };
}

function compile(): Buffer {
  const folder = tempDir();
  const source = join(folder, "a.c");
  writeFileSync(source, "int main(void) { return 0; }\n");
  const library = join(folder, "libcudart.so.12");
  execFileSync("gcc", [
    "-shared",
    "-fPIC",
    "-Wl,-soname,libcudart.so.12",
    "-o",
    library,
    "-x",
    "c",
    "/dev/null",
  ]);
  const target = join(folder, "a");
  const link = ["-Wl,--no-as-needed", library, "-Wl,-rpath,$ORIGIN/../lib"];
  execFileSync("gcc", ["-o", target, source, ...link]);
  return readFileSync(target);
}

test("reads what a linked program asks for", async (context) => {
  needs(context, "gcc");
  const needed = await readElf(fileOf(compile()));
  expect(needed?.needed).toContain("libcudart.so.12");
  expect(needed?.needed.some((name) => name.startsWith("libc.so"))).toBe(true);
  expect(needed?.runPaths).toEqual(["$ORIGIN/../lib"]);
});

test.each([[""], ["#!/bin/sh\n"], ["\u007fELF"], ["\u007fELF\u0002\u0001".padEnd(64, "\0")]])(
  "%j is no such file",
  async (text) => expect(await readElf(fileOf(Buffer.from(text, "latin1")))).toBeNull(),
);

test("a file that was cut or changed anywhere is read or refused, and never more than a few KiB are asked for", async (context) => {
  needs(context, "gcc");
  const good = compile();
  const change = fc.record({
    at: fc.nat(2000),
    value: fc.integer({ min: 0, max: 255 }),
    cut: fc.option(fc.nat(good.length)),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
      const bytes = Buffer.from(good);
      for (const { at, value } of changes) bytes[at] = value;
      const whole = fileOf(bytes.subarray(0, changes[0]?.cut ?? good.length));
      let largest = 0;
      const found = await readElf({
        readAt: (buffer, offset) => {
          largest = Math.max(largest, buffer.length);
          return whole.readAt(buffer, offset);
        },
      });
      expect(found === null || Array.isArray(found.needed)).toBe(true);
      expect(largest).toBeLessThanOrEqual(64 * 1024);
    }),
    { numRuns: 500 },
  );
});
