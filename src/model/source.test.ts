import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeSafetensors } from "../../test/support/models/safetensors.ts";
import { tempDir } from "../../test/support/temp.ts";
import { nodeFiles } from "../world/node/files.ts";
import { openModel, openModelFile } from "./open.ts";
import { sourceOfBytes } from "./source.ts";

test.each([
  [0, 4],
  [1, 3],
  [4, 0],
])("%i and %i bytes are read exactly", async (offset, length) => {
  const bytes = Uint8Array.of(1, 2, 3, 4);
  expect(await sourceOfBytes(bytes).read(offset, length)).toEqual(bytes.slice(offset, offset + length));
});

test.each([
  [0, 5],
  [4, 1],
  [5, 0],
  [2 ** 53, 1],
  [-1, 1],
  [0, -1],
])("%i and %i bytes are refused", async (offset, length) => {
  expect(await sourceOfBytes(new Uint8Array(4)).read(offset, length)).toMatchObject({
    code: "cut-short",
    offset,
  });
});

test("a file that was cut after it was opened is refused, not filled with zeros", async () => {
  const path = join(tempDir(), "model");
  writeFileSync(path, "12345678");
  const open = await openModelFile(nodeFiles, path);
  truncateSync(path, 6);
  expect(await open?.source.read(0, 6)).toEqual(new Uint8Array(Buffer.from("123456")));
  expect(await open?.source.read(0, 8)).toMatchObject({ kind: "refused", code: "cut-short" });
  await open?.close();
});

test("a path is a file, a folder, nothing or something else", async () => {
  const folder = tempDir();
  const file = join(folder, "model.safetensors");
  writeFileSync(file, writeSafetensors([]));
  mkdirSync(join(folder, "below"));
  symlinkSync(file, join(folder, "link"));
  symlinkSync("loop", join(folder, "loop"));
  for (const path of [file, join(folder, "link")]) {
    const model = await openModel(nodeFiles, path);
    expect(model.kind).toBe("file");
    if (model.kind === "file") await model.file.close();
  }
  const model = await openModel(nodeFiles, folder);
  expect(model.kind === "folder" && model.folder.names).toEqual(["link", "loop", "model.safetensors"]);
  if (model.kind === "folder") expect(await model.folder.open("loop")).toBeNull();
  for (const path of ["absent", "loop", "link/below"]) {
    expect(await openModel(nodeFiles, join(folder, path))).toEqual({ kind: "absent" });
  }
  expect(await openModel(nodeFiles, "/dev/null")).toEqual({ kind: "other" });
  expect(await openModelFile(nodeFiles, folder)).toBeNull();
});
