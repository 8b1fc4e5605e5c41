import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { builderOf, vectorInput } from "../../test/support/crashpack/pack.ts";
import { needs } from "../../test/support/needs.ts";
import { tempDir } from "../../test/support/temp.ts";
import { nodeStoreWorld } from "../world/node/store-world.ts";
import { packArchive } from "./archive.ts";
import { examinePack, readPack } from "./open.ts";
import { readCrashpack } from "./read.ts";
import { BLOCK_BYTES, readTarHeader, tarHeader } from "./tar.ts";
import { unpackArchive } from "./unpack.ts";

const world = nodeStoreWorld;

async function packed(name = "pack"): Promise<{ folder: string; dir: string; archive: string }> {
  const folder = tempDir();
  const dir = `${folder}/${name}`;
  await builderOf(vectorInput("violations")).withArtifactPath("a/b/c", "").build().emitAtpTrace(world, dir);
  const archive = `${folder}/${name}.tar.gz`;
  await packArchive(world, dir, archive);
  return { folder, dir, archive };
}

test("the same pack gives the same archive, and it reads back equal", async () => {
  const one = await packed("one");
  const two = await packed("two");
  const bytes = readFileSync(one.archive);
  expect(bytes.equals(readFileSync(two.archive))).toBe(true);
  // No time, no name, no system.
  expect([...bytes.subarray(0, 4), bytes.readUInt32LE(4), bytes[9]]).toEqual([0x1f, 0x8b, 8, 0, 0, 255]);
  expect(await readPack(world, one.archive)).toEqual(await readCrashpack(world, one.dir));
  expect(readdirSync(one.folder).sort()).toEqual(["one", "one.tar.gz"]);
  await expect(packArchive(world, one.dir, one.archive)).rejects.toMatchObject({ code: "exists" });
});

test("tar unpacks it, and sha256sum finds every file as it is listed", async (context) => {
  needs(context, "tar", "sort");
  const { folder, archive } = await packed();
  mkdirSync(`${folder}/out`);
  execFileSync("tar", ["-xzf", archive, "-C", `${folder}/out`]);
  const dir = `${folder}/out/crashpack`;
  execFileSync("sha256sum", ["--strict", "--quiet", "-c", "SHA256SUMS"], { cwd: dir });
  expect(statSync(`${dir}/replay_command.sh`).mode & 0o777 & 0o755).toBe(0o755);
  expect((await examinePack(world, dir)).disagreements).toEqual([]);
});

test("every byte of the tar that is changed, and every cut, is refused", async () => {
  const { folder, archive } = await packed();
  const tar = gunzipSync(readFileSync(archive));
  const path = `${folder}/damaged.tar.gz`;
  const damage = fc.record({
    at: fc.nat({ max: tar.length - 1 }),
    flip: fc.integer({ min: 0, max: 255 }),
  });
  await fc.assert(
    fc.asyncProperty(damage, async ({ at, flip }) => {
      const bytes = Buffer.from(tar);
      bytes[at] = (bytes[at] ?? 0) ^ flip;
      writeFileSync(path, gzipSync(flip === 0 ? tar.subarray(0, at) : bytes, { level: 1 }));
      await expect(readPack(world, path)).rejects.toMatchObject({ kind: "malformed" });
    }),
    { numRuns: 200 },
  );
});

test("every byte of the gzip that is changed is refused, or changes nothing", async () => {
  const { folder, dir, archive } = await packed();
  const sound = readFileSync(archive);
  const pack = await readCrashpack(world, dir);
  const path = `${folder}/damaged.tar.gz`;
  const damage = fc.tuple(fc.nat({ max: sound.length - 1 }), fc.integer({ min: 1, max: 255 }), fc.boolean());
  await fc.assert(
    fc.asyncProperty(damage, async ([at, flip, cut]) => {
      const bytes = Buffer.from(sound);
      bytes[at] = (bytes[at] ?? 0) ^ flip;
      writeFileSync(path, cut ? sound.subarray(0, at) : bytes);
      const outcome: unknown = await readPack(world, path).catch((error: unknown) => error);
      // A field of the header, such as a time, says nothing of the content; and the same content can be told by
      // another reference to what came before.
      if (outcome instanceof Error) expect(outcome).toMatchObject({ kind: "malformed" });
      else expect([outcome, cut]).toEqual([pack, false]);
    }),
    { numRuns: 200 },
  );
});

interface Odd {
  readonly name?: string;
  readonly type?: string;
  readonly link?: string;
  readonly mode?: number;
  readonly prefix?: string;
}

function oddHeader({ name = "x", type = "0", link = "", mode = 0o644, prefix = "crashpack" }: Odd): Buffer {
  const block = tarHeader({ name: "x", sizeBytes: 0, mode: 0o644 });
  block.fill(0, 0, 100).write(name, 0);
  block.write(`${mode.toString(8).padStart(7, "0")}\0`, 100);
  block.write(type, 156);
  block.write(link, 157);
  block.fill(0, 345, 500).write(prefix, 345);
  block.fill(" ", 148, 156);
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  return block;
}

test.each<[string, Odd]>([
  ["a path upwards", { name: "../x" }],
  ["an absolute path", { name: "/etc/x" }],
  ["an absolute prefix", { prefix: "/etc" }],
  ["no prefix", { prefix: "" }],
  ["a part that is ..", { name: "a/../../x" }],
  ["a symbolic link", { type: "2", link: "/etc/passwd" }],
  ["a hard link", { type: "1", link: "crashpack/journal" }],
  ["a folder", { type: "5" }],
  ["a device", { type: "3" }],
  ["a long name of GNU", { type: "L" }],
  ["an extended header", { type: "x" }],
  ["a set-user-id file", { mode: 0o4755 }],
  ["a control character", { name: "a\nb" }],
  ["a backslash", { name: "a\\b" }],
  ["no name", { name: "" }],
  ["an own name in a folder's place", { name: "journal/x" }],
])("an archive with %s is refused, and nothing of it is written", async (_what, odd) => {
  const folder = tempDir();
  mkdirSync(`${folder}/in`);
  const path = `${folder}/odd.tar.gz`;
  writeFileSync(path, gzipSync(Buffer.concat([oddHeader(odd), Buffer.alloc(2 * BLOCK_BYTES)])));
  await expect(unpackArchive(world, path, `${folder}/in`)).rejects.toMatchObject({ code: "bad-archive" });
  expect(readdirSync(folder).sort()).toEqual(["in", "odd.tar.gz"]);
  expect(readdirSync(`${folder}/in`)).toEqual([]);
});

test("a name twice, a folder that is a file, something after the end", async () => {
  const folder = tempDir();
  const zeros = Buffer.alloc(2 * BLOCK_BYTES);
  const x = tarHeader({ name: "x", sizeBytes: 0, mode: 0o644 });
  const under = tarHeader({ name: "x/y", sizeBytes: 0, mode: 0o644 });
  const tars = [
    [x, x, zeros],
    [x, under, zeros],
    [x, zeros, x],
    [x, zeros, zeros],
    [x],
    [x, zeros.subarray(BLOCK_BYTES)],
    [zeros.subarray(BLOCK_BYTES), x, zeros],
  ];
  for (const [index, blocks] of tars.entries()) {
    const path = `${folder}/${index}.tar.gz`;
    writeFileSync(path, gzipSync(Buffer.concat(blocks)));
    mkdirSync(`${folder}/${index}`);
    await expect(unpackArchive(world, path, `${folder}/${index}`), `${index}`).rejects.toMatchObject({
      code: "bad-archive",
    });
  }
});

test("a header says what it holds, or nothing", () => {
  const entry = { name: "ü".repeat(50), sizeBytes: 8 ** 11 - 1, mode: 0o755 };
  expect(readTarHeader(tarHeader(entry))).toEqual(entry);
  expect(() => tarHeader({ ...entry, name: "ü".repeat(51) })).toThrow(RangeError);
  expect(() => tarHeader({ ...entry, sizeBytes: 8 ** 11 })).toThrow(RangeError);
});
