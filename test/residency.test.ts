import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { prepareResidency, type ResidencyWorld } from "../src/device/watch-residency.ts";
import { nodeResidencyWorld } from "../src/world/node/residency-world.ts";
import { nvmlStub } from "./support/device/stub.ts";
import { needs } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";

const PROBE = fileURLToPath(new URL("../dist/cuda-probe.cjs", import.meta.url));
const GIB = 1024 ** 3;
const TREE = [4_000_001, 4_000_002];

/** A world whose memory library says what a file says: the probe, its process and its lines are the real ones. */
function stubbed(samePids: boolean): { world: ResidencyWorld; say: (text: string) => void } {
  const file = join(tempDir(), "memory");
  const say = (text: string): void => writeFileSync(file, text);
  say("0");
  const env = { ...process.env, LD_LIBRARY_PATH: nvmlStub(), STUB_NVML: file, PATH: "/nonexistent" };
  const world: ResidencyWorld = {
    ...nodeResidencyWorld,
    env,
    probe: () => [process.execPath, PROBE] as const,
    samePids: () => samePids,
    hasGpuOpen: (pid: number) => TREE.includes(pid),
  };
  return { world, say };
}

const seconds = (count: number): number => count * 1000;

test("a model that comes into GPU memory is proven as soon as it is there", async (context) => {
  needs(context, "gcc");
  const { world, say } = stubbed(true);
  const watch = await prepareResidency(world);
  const proof = watch.watch({ modelBytes: 4 * GIB, tree: () => TREE, deadlineMs: seconds(20) });
  say(`${8 * GIB}\n4000002 ${3 * GIB}\n`);
  expect(await proof).toMatchObject({ kind: "proven", how: "pid", requiredBytes: 2 * GIB });
  watch.close();
});

test("a bare context, and another program's memory, prove nothing", async (context) => {
  needs(context, "gcc");
  const { world, say } = stubbed(true);
  const watch = await prepareResidency(world);
  say(`${40 * GIB}\n4000002 ${GIB / 2}\n77 ${39 * GIB}\n`);
  const found = await watch.watch({ modelBytes: GIB, tree: () => TREE, deadlineMs: seconds(1) });
  expect(found).toMatchObject({ kind: "not-proven", code: "not-resident", mostBytes: 0 });
  watch.close();
});

test("in a container the new process counts, and one that was there before does not", async (context) => {
  needs(context, "gcc");
  const { world, say } = stubbed(false);
  say(`${10 * GIB}\n4000001 ${10 * GIB}\n`);
  const watch = await prepareResidency(world);
  const early = await watch.watch({ modelBytes: 4 * GIB, tree: () => TREE, deadlineMs: seconds(1) });
  expect(early).toMatchObject({ kind: "not-proven", mostBytes: 0 });
  say(`${13 * GIB}\n4000001 ${10 * GIB}\n999 ${3 * GIB}\n`);
  const late = await watch.watch({ modelBytes: 4 * GIB, tree: () => TREE, deadlineMs: seconds(20) });
  expect(late).toMatchObject({ kind: "proven", how: "new-process" });
  watch.close();
});

test("a program that ends is not waited for", async (context) => {
  needs(context, "gcc");
  const { world } = stubbed(true);
  const watch = await prepareResidency(world);
  const ended = AbortSignal.abort();
  const found = await watch.watch({ modelBytes: GIB, tree: () => [], ended, deadlineMs: seconds(30) });
  expect(found).toMatchObject({ kind: "not-proven", code: "ended-early" });
  watch.close();
});

test("without a library and without nvidia-smi nothing can be observed", async (context) => {
  const watch = await prepareResidency({ ...nodeResidencyWorld, env: { PATH: "/nonexistent" } });
  const found = await watch.watch({ modelBytes: 1, tree: () => [], deadlineMs: 1 });
  watch.close();
  if (watch.source !== null) return context.skip("not run: this machine has the driver's memory library");
  expect(found).toMatchObject({ kind: "not-proven", code: "no-observer" });
});
