import { readFileSync, statSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { tempDir } from "../../../test/support/temp.ts";
import { nodeFiles } from "./files.ts";

const BYTES = 2_500_000;

test("a range that is written anew has the same bytes, and ends where the file ends", async () => {
  const path = `${tempDir()}/file`;
  const before = Buffer.from(Array.from({ length: BYTES }, (_, index) => (index * 31) & 0xff));
  writeFileSync(path, before);
  const file = await nodeFiles.openUpdate(path);
  await file.rewrite(100_000, BYTES);
  await file.rewrite(BYTES + 10, 5);
  await file.close();
  expect(statSync(path).size).toBe(BYTES);
  expect(readFileSync(path).equals(before)).toBe(true);
});
