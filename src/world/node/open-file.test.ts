import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failureOf } from "../../../test/support/net.ts";
import { tempDir } from "../../../test/support/temp.ts";
import type { OpenFile } from "../files.ts";
import { nodeFiles } from "./files.ts";
import { descriptorOf } from "./open-file.ts";

test("an update changes bytes in place, cuts and lengthens", async () => {
  const path = join(tempDir(), "file");
  writeFileSync(path, "0123456789");
  const file = await nodeFiles.openUpdate(path);
  await file.writeAt(Buffer.from("ab"), 4);
  await file.truncate(7);
  expect(readFileSync(path, "utf8")).toBe("0123ab6");
  await file.truncate(9);
  expect(readFileSync(path, "utf8")).toBe("0123ab6\0\0");
  await file.close();
});

test("an update makes no file and follows no link", async () => {
  const folder = tempDir();
  writeFileSync(join(folder, "file"), "");
  symlinkSync("file", join(folder, "link"));
  const open = async (name: string): Promise<unknown> => nodeFiles.openUpdate(join(folder, name));
  expect(await failureOf(open("link"))).toMatchObject({ code: "ELOOP" });
  expect(await failureOf(open("none"))).toMatchObject({ code: "ENOENT" });
});

test("a descriptor is given of this disk's open files only", async () => {
  const path = join(tempDir(), "file");
  const file = await nodeFiles.createNew(path, 0o600);
  expect(descriptorOf(file)).toBeGreaterThan(2);
  await file.close();
  expect(() => descriptorOf(file)).toThrow(TypeError);
  expect(() => descriptorOf({} as OpenFile)).toThrow(TypeError);
});
