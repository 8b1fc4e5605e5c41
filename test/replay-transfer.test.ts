import { mkdirSync, writeFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { apr, startApr } from "./support/cli.ts";
import { plantedBundle } from "./support/plant.ts";
import { scriptedRegistry } from "./support/push/scripted.ts";
import { expectReproduced, packIn, textOf } from "./support/replay.ts";
import { MINIMIZE_PLANTS } from "./support/sim/minimize-plants.ts";
import { newStore } from "./support/store.ts";
import { tempDir } from "./support/temp.ts";
import { type FaultyServer, startFaulty } from "./support/transfer/faulty/server.ts";
import type { BearerRules } from "./support/transfer/faulty/bearer.ts";
import type { Fault } from "./support/transfer/faulty/types.ts";
import { imageOf, imagePaths, modelOf } from "./support/transfer/model.ts";
import { run } from "./support/transfer/run.ts";

const MIB = 1024 * 1024;
const image = imageOf(modelOf(13 * MIB));
const content = imagePaths(image, "team/m", "1");

async function serve(faults: readonly Fault[], bearer?: BearerRules): Promise<FaultyServer> {
  const server = await startFaulty({ content, faults, ...(bearer === undefined ? {} : { bearer }) });
  onTestFinished(() => server.close());
  return server;
}

/** The words of a pull that keeps its store and, unless told otherwise, its packs in a folder. */
function pullWords(
  { host }: FaultyServer,
  folder: string,
  { flags = [], packs = ["--crashpack", `${folder}/packs`], stall = "1s" }: PullFlags = {},
): string[] {
  const usual = ["--store", `${folder}/store`, "--progress", "none", "--retries", "1"];
  return ["pull", `${host}/team/m:1`, ...usual, "--stall-timeout", stall, ...packs, ...flags];
}

interface PullFlags {
  readonly flags?: readonly string[];
  readonly packs?: readonly string[];
  readonly stall?: string;
}

test.each<[string, readonly Fault[], number]>([
  ["no manifest", [{ to: "manifest", does: { kind: "status", status: 404 } }], 3],
  ["cut bodies", [{ to: "content", path: "/blobs/", from: 4, does: { kind: "cut", afterBytes: MIB } }], 10],
  ["a byte that is always wrong", [{ to: "content", does: { kind: "wrong-byte", at: 5 * MIB } }], 4],
  ["bodies that stand still", [{ to: "ranges", from: 3, does: { kind: "stall", afterBytes: 9 } }], 10],
])("a pull with %s: its pack reaches the same trace, byte for byte", async (_, faults, code) => {
  const folder = tempDir();
  const server = await serve(faults);
  const failed = await apr(pullWords(server, folder));
  const pack = packIn(`${folder}/packs`);
  expect([failed.code, failed.stderr]).toEqual([code, expect.stringContaining(`  crashpack  ${pack}\n`)]);
  await expectReproduced(pack);
});

test("logins, tokens and signatures of URLs reach no pack, and it replays all the same", async () => {
  const folder = tempDir();
  const storage = await serve([{ to: "content", from: 3, does: { kind: "cut", afterBytes: MIB } }]);
  const to = `${storage.url}/v2/team/m/blobs/${image.model.digest}?X-Signature=hunter3`;
  const server = await serve([{ to: "content", path: image.model.hex, does: { kind: "redirect", to } }], {});
  const secret = Buffer.from("ana:hunter2").toString("base64");
  writeFileSync(`${folder}/config.json`, JSON.stringify({ auths: { [server.host]: { auth: secret } } }));
  const failed = await apr(pullWords(server, folder), { env: { DOCKER_CONFIG: folder } });
  expect(failed.code, failed.stderr).toBe(10);
  expect(storage.hits()).toBeGreaterThan(0);
  expect(server.requests.some(({ headers }) => headers.authorization === `Basic ${secret}`)).toBe(true);
  const pack = packIn(`${folder}/packs`);
  const text = textOf(pack);
  expect(text).toContain("left-out");
  for (const word of ["hunter", secret, "token-1", Buffer.from('{"token":"token').toString("base64")]) {
    expect(text).not.toContain(word);
  }
  await expectReproduced(pack);
});

test("a pull that goes on from an earlier one, from two sources, and is stopped", async () => {
  const folder = tempDir();
  const one = await serve([{ to: "ranges", from: 3, does: { kind: "status", status: 503 } }]);
  expect((await apr(pullWords(one, folder, { packs: ["--crashpack", "off"] }))).code).toBe(10);
  const slow: Fault = { to: "content", path: "/blobs/", does: { kind: "stall", afterBytes: 100 } };
  const [first, second] = [await serve([slow]), await serve([slow])];
  const flags = ["--from", `${second.host}/team/m:1`];
  const { child, result } = startApr(pullWords(first, folder, { flags, stall: "60s" }));
  await expect.poll(() => first.hits() + second.hits(), { timeout: 20_000 }).toBeGreaterThan(1);
  child.kill("SIGINT");
  expect((await result).code).toBe(130);
  await expectReproduced(packIn(`${folder}/packs`));
});

test("a push that fails, and an engine that has changed since", async () => {
  const { add, folder, store } = await newStore();
  await add("m:1", modelOf(9 * MIB).bytes);
  const faults = [{ method: "PATCH", times: 99, does: { kind: "cut", afterBytes: MIB } }] as const;
  const { port } = await scriptedRegistry({ faults });
  const packs = `${folder}/packs`;
  const flags = ["--store", store.root, "--crashpack", packs, "--progress", "none", "--retries", "1"];
  expect((await apr(["push", "m:1", `127.0.0.1:${port}/team/m:1`, ...flags])).code).toBe(10);
  await expectReproduced(packIn(packs));

  const pulled = tempDir();
  const server = await serve([{ to: "content", from: 3, does: { kind: "cut", afterBytes: MIB } }]);
  expect((await apr(pullWords(server, pulled))).code).toBe(10);
  const bundle = await plantedBundle("src/cli/main.ts", MINIMIZE_PLANTS[1] ?? null);
  const again = await run([process.execPath, bundle, "replay", packIn(`${pulled}/packs`)]);
  expect(again.code, again.stderr).toBe(5);
  expect(again.stdout).toMatch(/NOT REPRODUCED {2}event \d+ is .*, and was path_failed/);
});

test("packs are kept without being asked for, but not of mistyped words", async () => {
  const folder = tempDir();
  const server = await serve([{ to: "content", from: 3, does: { kind: "cut", afterBytes: MIB } }]);
  const words = pullWords(server, folder).filter(
    (word) => word !== "--crashpack" && !word.endsWith("/packs"),
  );
  const env = { XDG_STATE_HOME: `${folder}/state`, APR_CRASHPACK: undefined };
  mkdirSync(`${folder}/state`);
  for (const wrong of [
    ["pull", "a//b"],
    [...words, "--as", "no/such/"],
  ]) {
    expect((await apr(wrong, { env })).stderr).not.toContain("crashpack");
  }
  expect((await apr(words, { env: { ...env, APR_CRASHPACK: "off" } })).stderr).not.toContain("crashpack");
  const failed = await apr(words, { env });
  expect(failed.stderr).toContain(`  crashpack  ${folder}/state/apr/crashpacks/pull-`);
  await expectReproduced(packIn(`${folder}/state/apr/crashpacks`));
});
