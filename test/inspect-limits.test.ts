// Models made to cost as much memory as the limits allow: `inspect --tensors` stays within its bar.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MAX_TENSORS } from "../src/model/limits.ts";
import { APR, apr } from "./support/cli.ts";
import { writeRawSafetensors, writeSafetensors } from "./support/models/safetensors.ts";
import { needs } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";

const LIMIT_KIB = 200 * 1024;
const LIMIT_MS = 120_000;

/** Peak memory of `inspect --tensors`, KiB. */
function peakKib(path: string, flags: readonly string[]): number {
  const report = join(tempDir(), "peak");
  const apr = [process.execPath, APR, "inspect", path, "--tensors", ...flags];
  execFileSync("time", ["-f", "%M", "-o", report, ...apr], { stdio: ["ignore", "ignore", "inherit"] });
  return Number(readFileSync(report, "utf8"));
}

/** A file of empty tensors; `start` comes first in its header. */
function writeEmpty(
  path: string,
  members: Iterable<readonly [name: string, shape: string]>,
  start = "",
): void {
  const parts = Array.from(
    members,
    ([name, shape]) => `"${name}":{"dtype":"BF16","shape":[${shape}],"data_offsets":[0,0]}`,
  );
  writeFileSync(path, writeRawSafetensors(`{${start}${parts.join(",")}}`, 0));
}

test("names of 65,535 characters that are all escaped", { timeout: LIMIT_MS }, (context) => {
  needs(context, "time");
  const path = join(tempDir(), "long.safetensors");
  const long = "\\u0001".repeat(65_520);
  writeEmpty(
    path,
    Array.from({ length: 250 }, (_, index) => [`${long}${index}`, "0"] as const),
  );
  expect(peakKib(path, ["--json"])).toBeLessThan(LIMIT_KIB);
  expect(peakKib(path, [])).toBeLessThan(LIMIT_KIB);
});

test("as many tensors, wide shapes, names and notes as are allowed, in two files", {
  timeout: LIMIT_MS,
}, (context) => {
  needs(context, "time");
  const folder = join(tempDir(), "model");
  mkdirSync(folder);
  const notes = Object.fromEntries(Array.from({ length: 4000 }, (_, key) => [`k${key}`, "v".repeat(1000)]));
  const map: Record<string, string> = {};
  const sizes = (index: number): string =>
    Array.from({ length: 62 }, (_, at) => `1844674407370955${1000 + ((index * 7 + at) % 600)}`).join();
  for (const shard of [0, 1]) {
    const file = `model-0000${shard + 1}-of-00002.safetensors`;
    const tensors = Array.from({ length: MAX_TENSORS / 2 }, (_, index) => {
      const name = `${shard}.${index}.`.padEnd(32, "ā");
      map[name] = file;
      const wide = index > 0 && index < 2500;
      return [name, wide ? `0,${sizes(index)},${index + shard * MAX_TENSORS}` : "0"] as const;
    });
    const start = shard === 0 ? `"__metadata__":${JSON.stringify(notes)},` : "";
    writeEmpty(join(folder, file), tensors, start);
  }
  writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify({ weight_map: map }));
  expect(peakKib(folder, ["--json"])).toBeLessThan(LIMIT_KIB);
  expect(peakKib(folder, [])).toBeLessThan(LIMIT_KIB);
});

test("a text longer than the buffer it goes through arrives whole, pairs and accents too", async () => {
  const path = join(tempDir(), "pairs.safetensors");
  const names = ["😀", "é", "x"].map((character, index) => `${"-".repeat(index)}${character.repeat(32_760)}`);
  const tensors = names.map((name) => ({ name, dtype: "U8", shape: [1], sizeBytes: 1 }));
  writeFileSync(path, writeSafetensors(tensors));
  const { json } = await apr(["inspect", path, "--json", "--tensors"]);
  expect((json() as { tensors: { name: string }[] }).tensors.map(({ name }) => name)).toEqual(names);
});

test("in the table a long name or shape is cut, in JSON it is whole", async () => {
  const path = join(tempDir(), "wide.safetensors");
  const name = "\\u0001".repeat(60_000);
  const shape = Array.from({ length: 64 }, () => 0).join();
  const wide = `0,${"18446744073709551615,".repeat(62)}1`;
  writeEmpty(path, [
    [name, shape],
    ["plain", wide],
  ]);
  const { stdout } = await apr(["inspect", path, "--tensors"]);
  const lines = stdout.split("\n").filter((line) => / at [\d,]+$/.test(line));
  expect(lines.map((line) => line.includes("…"))).toEqual([true, true]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(700);
  const { json } = await apr(["inspect", path, "--tensors", "--json"]);
  expect((json() as { tensors: unknown[] }).tensors[0]).toMatchObject({ name: "\u0001".repeat(60_000) });
});
