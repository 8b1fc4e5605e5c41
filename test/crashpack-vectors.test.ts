import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readCrashpack } from "../src/crashpack/read.ts";
import { nodeStoreWorld } from "../src/world/node/store-world.ts";
import { builderOf, vectorInput, vectorText } from "./support/crashpack/pack.ts";
import { tempDir } from "./support/temp.ts";

const FILES = ["journal", "journal.digest", "manifest", "pathlog", "quiclog", "repairlog"];

test.each(["clean", "violations"])("the vector %s, byte for byte and back", async (name) => {
  const input = vectorInput(name);
  const dir = `${tempDir()}/pack`;
  await builderOf(input).build().emitAtpTrace(nodeStoreWorld, dir);
  for (const file of FILES) expect(readFileSync(`${dir}/${file}`, "utf8"), file).toBe(vectorText(name, file));

  const { oracle_results, trace_events, seeds, artifact_paths, metadata } = await readCrashpack(
    nodeStoreWorld,
    dir,
  );
  expect({ oracle_results, trace_events, seeds, artifact_paths, metadata }).toEqual(input);
});
