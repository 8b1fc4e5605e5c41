import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { tempDir } from "../../test/support/temp.ts";
import { U64_MAX } from "../base/ints.ts";
import type { JsonObject } from "../base/json.ts";
import { TraceBuffer } from "../evidence/trace.ts";
import type { OracleResult } from "../oracles/checks.ts";
import type { OpenFile } from "../world/files.ts";
import { nodeStoreWorld } from "../world/node/store-world.ts";
import { CrashpackBuilder } from "./builder.ts";
import { examineCrashpack } from "./examine.ts";
import { readCrashpack } from "./read.ts";
import type { PackEvent, PackWorld } from "./types.ts";

const world = nodeStoreWorld;
const RESULT: OracleResult = {
  oracle_name: "o",
  passed: true,
  violations: [],
  stats: { entities_tracked: 0, events_recorded: 5 },
};

test("a pack of nothing is whole too", async () => {
  const dir = `${tempDir()}/a/b/pack/`;
  const { hex, created, path } = await new CrashpackBuilder().build().emitAtpTrace(world, dir);
  expect([path, created]).toEqual([dir.slice(0, -1), true]);
  expect(readFileSync(`${dir}transfer.atp-trace`, "utf8")).toBe("[]");
  const found = await examineCrashpack(world, dir);
  expect(found).toMatchObject({ disagreements: [], events: 0, files: 10, hex });
  expect(statSync(`${dir}replay_command.sh`).mode & 0o111).not.toBe(0);
  expect(statSync(`${dir}journal`).mode & 0o111).toBe(0);
});

test("what a builder is given comes back, in its first order, the last value counting", async () => {
  const dir = `${tempDir()}/pack`;
  const trace = new TraceBuffer(world.clock);
  trace.emit("message", { message: "path" });
  await new CrashpackBuilder()
    .withOracleResult(RESULT)
    .withOracleResult({ ...RESULT, oracle_name: "p" }, "2026-11-20T00:00:00Z")
    .withTrace([])
    .withTrace(trace)
    .withSeed("s", 1)
    .withSeed("s", U64_MAX)
    .withArtifactPath("b")
    .withArtifactPath("a", "of a")
    .withArtifactPath("b", new Uint8Array([0, 255]))
    .withMetadata("k", "1")
    .withMetadata("k", "2")
    .build()
    .emitAtpTrace(world, dir);
  const pack = await readCrashpack(world, dir);
  expect(pack).toMatchObject({
    schema_version: 1,
    timestamps: [null, "2026-11-20T00:00:00Z"],
    trace_events: trace.events,
    seeds: { s: U64_MAX },
    artifact_paths: ["b", "a"],
    metadata: { k: "2" },
  });
  const contents = [...pack.contents].map(([name, bytes]) => [name, [...Buffer.from(bytes as Uint8Array)]]);
  expect(Object.fromEntries(contents)).toEqual({ a: [...Buffer.from("of a")], b: [0, 255] });
  const ledger = JSON.parse(readFileSync(`${dir}/evidence-ledger.json`, "utf8")) as {
    readonly entries: readonly { readonly timestamp: unknown }[];
    readonly artifact_paths: readonly string[];
  };
  expect(ledger.entries.map(({ timestamp }) => timestamp)).toEqual([0, "2026-11-20T00:00:00Z"]);
  expect(ledger.artifact_paths).toHaveLength(11);
  // Read back and written again, it is the same pack.
  const again = await pack.emitAtpTrace(world, `${dir}-2`);
  expect(again.hex).toBe((await examineCrashpack(world, dir)).hex);
});

test.each<[string, () => CrashpackBuilder]>([
  ["bad-seed", () => new CrashpackBuilder().withSeed("s", -1)],
  ["bad-seed", () => new CrashpackBuilder().withSeed("s", U64_MAX + 1n)],
  ["bad-seed", () => new CrashpackBuilder().withSeed("s", 2 ** 53)],
  ["bad-seed", () => new CrashpackBuilder().withSeed("s", 1.5)],
  ["bad-path", () => new CrashpackBuilder().withArtifactPath("../x")],
  ["bad-path", () => new CrashpackBuilder().withArtifactPath("a/b").withArtifactPath("a")],
  [
    "bad-result",
    () =>
      new CrashpackBuilder().withOracleResult({ ...RESULT, stats: { ...RESULT.stats, events_recorded: -1 } }),
  ],
])("%s is told before anything is written, case %#", (code, builder) => {
  expect(() => builder().build()).toThrow(expect.objectContaining({ code }));
});

const deep = (levels: number): JsonObject => {
  let value: JsonObject = {};
  for (let level = 1; level < levels; level++) value = { a: value };
  return value;
};

test.each<[string, unknown]>([
  ["a number that is none", { data: { x: Number.NaN } }],
  ["nothing as a value", { data: { x: [undefined] } }],
  ["a list as data", { data: [] }],
  ["data too deep", { data: deep(600) }],
  ["a negative time", { time_ns: -1 }],
  ["a number beyond 64 bits", { seq: U64_MAX + 1n }],
  ["another version", { version: 2 }],
  ["no kind", { kind: undefined }],
])("an event with %s is refused, and nothing stays behind", async (_what, change) => {
  const folder = tempDir();
  const event = { version: 1, seq: 1, time_ns: 0, kind: "x", data: null, ...(change as object) } as PackEvent;
  const pack = new CrashpackBuilder().withTrace([event]).build();
  await expect(pack.emitAtpTrace(world, `${folder}/pack`)).rejects.toMatchObject({ code: "bad-event" });
  expect(readdirSync(folder)).toEqual([]);
});

test("the deepest data that is written is read", async () => {
  const dir = `${tempDir()}/pack`;
  const events: PackEvent[] = [{ version: 1, seq: 1, time_ns: 2n ** 60n, kind: "spawn", data: deep(500) }];
  await new CrashpackBuilder().withTrace(events).build().emitAtpTrace(world, dir);
  expect((await readCrashpack(world, dir)).trace_events).toEqual(events);
});

test("nothing is written over: a folder, a file, an empty folder", async () => {
  const folder = tempDir();
  mkdirSync(`${folder}/empty`);
  writeFileSync(`${folder}/file`, "mine");
  await new CrashpackBuilder().build().emitAtpTrace(world, `${folder}/pack`);
  for (const name of ["empty", "file", "pack"]) {
    const writing = new CrashpackBuilder().build().emitAtpTrace(world, `${folder}/${name}`);
    await expect(writing).rejects.toMatchObject({ code: "exists", kind: "exists" });
  }
  const open = new CrashpackBuilder().withArtifactPath("x").build().emitAtpTrace(world, `${folder}/open`);
  await expect(open).rejects.toMatchObject({ code: "no-content", files: ["x"] });
  expect(readdirSync(folder).sort()).toEqual(["empty", "file", "pack"]);
});

/** The real disk, noting each step; it fails at the one that is numbered. */
function failingAt(step: number): { readonly world: PackWorld; readonly steps: string[] } {
  const steps: string[] = [];
  const note = (what: string): void => {
    steps.push(what);
    if (steps.length === step) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
  };
  const { files } = world;
  const watch = (file: OpenFile, name: string): OpenFile => ({
    facts: () => file.facts(),
    readAt: (buffer, offset) => file.readAt(buffer, offset),
    writeAt: async (data, offset) => {
      note(`write ${name}`);
      await file.writeAt(data, offset);
    },
    copyFrom: (from, options) => file.copyFrom(from, options),
    takeRange: (from, offset, size) => file.takeRange(from, offset, size),
    rewrite: (offset, size) => file.rewrite(offset, size),
    reserve: (size) => file.reserve(size),
    setMode: (mode) => file.setMode(mode),
    truncate: (size) => file.truncate(size),
    sync: async () => {
      note(`sync ${name}`);
      await file.sync();
    },
    close: () => file.close(),
  });
  const noting: PackWorld["files"] = {
    ...files,
    createNew: async (path, mode) => {
      const name = path.split("/").at(-1) ?? "";
      note(`create ${name}`);
      return watch(await files.createNew(path, mode), name);
    },
    syncFolder: async (path) => {
      note("sync folder");
      await files.syncFolder(path);
    },
    rename: async (from, to) => {
      note("rename");
      await files.rename(from, to);
    },
  };
  return { world: { files: noting, hash: world.hash }, steps };
}

test("a disk that fails at any step leaves the whole pack or nothing; every file is synced before the renaming", async () => {
  const events: PackEvent[] = [{ version: 1, seq: 1, time_ns: 0, kind: "spawn", data: null }];
  const pack = new CrashpackBuilder().withTrace(events).withArtifactPath("a/b", "x").build();
  const folder = tempDir();
  const sound = failingAt(0);
  await pack.emitAtpTrace(sound.world, `${folder}/sound`);
  const { steps } = sound;
  const rename = steps.indexOf("rename");
  expect(steps.slice(rename)).toEqual(["rename", "sync folder"]);
  const created = steps.filter((step) => step.startsWith("create ")).map((step) => step.slice(7));
  expect(created).toHaveLength(11);
  for (const name of created) expect(steps.indexOf(`sync ${name}`), name).toBeGreaterThan(-1);
  for (let step = 1; step <= steps.length; step++) {
    const dir = `${folder}/at-${step}`;
    await expect(pack.emitAtpTrace(failingAt(step).world, dir)).rejects.toMatchObject({ code: "ENOSPC" });
    // After the renaming it is whole, and only whether that lasts is not known.
    if (step <= rename + 1) expect(existsSync(dir)).toBe(false);
    else expect((await examineCrashpack(world, dir)).disagreements).toEqual([]);
  }
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
});

test("no pack, or something else in its place", async () => {
  const folder = tempDir();
  writeFileSync(`${folder}/file`, "x");
  await expect(readCrashpack(world, `${folder}/none`)).rejects.toMatchObject({ code: "not-found" });
  await expect(readCrashpack(world, `${folder}/file`)).rejects.toMatchObject({ code: "not-a-pack" });
  await expect(readCrashpack(world, folder)).rejects.toMatchObject({ code: "files-disagree" });
});
