import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { needs } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";
import { imageOf, imagePaths, modelOf } from "./support/transfer/model.ts";
import { faultyServer, nginxServer, registryServer } from "./support/transfer/scoped.ts";
import { pushWithSkopeo } from "./support/transfer/skopeo.ts";
import { pullOnSmallDisk } from "./support/transfer/small-disk.ts";
import { type Stage, stage } from "./support/transfer/stage.ts";

// Real servers that are killed and started again while apr pulls from them, and disks that are too small.

const MIB = 1024 * 1024;
const LIMIT_MS = 100_000;
/** nginx holds its rate by silences of a second. */
const CALM = ["--stall-timeout", "5s"];
const PATIENT = [...CALM, "--retries", "8"];

test("nginx, killed in the middle and started again", { timeout: LIMIT_MS }, async (context) => {
  needs(context, "nginx", "setpriv");
  const model = modelOf(48 * MIB);
  const root = tempDir();
  writeFileSync(`${root}/m.gguf`, model.bytes);
  const first = await nginxServer(root, { bytesPerSecond: 1.5 * MIB });
  const at = stage();
  const pull = at.startPull(`${first.url}/m.gguf#sha256=${model.hex}`, ["--as", "t:a", ...PATIENT]);
  await untilPart(at);
  await first.kill();
  expect(pull.child.exitCode, "the pull was over before the server was killed").toBeNull();
  await pause(300);
  const again = await nginxServer(root, { port: first.port });
  const pulled = at.expectModel(await pull.result, model);
  expect(again.port).toBe(first.port);
  expect(pulled.fetched).toBeLessThan(2 * model.bytes.length);
});

test("nginx, killed for good: a clear error, and the next run goes on", {
  timeout: LIMIT_MS,
}, async (context) => {
  needs(context, "nginx", "setpriv");
  const model = modelOf(128 * MIB);
  const root = tempDir();
  writeFileSync(`${root}/m.gguf`, model.bytes);
  const first = await nginxServer(root, { bytesPerSecond: 1.5 * MIB });
  const at = stage();
  const url = `${first.url}/m.gguf#sha256=${model.hex}`;
  const pull = at.startPull(url, ["--as", "t:a", ...CALM]);
  await untilPart(at);
  await pause(2500);
  await first.kill();
  expect(pull.child.exitCode, "the pull was over before the server was killed").toBeNull();
  const failed = await pull.result;
  expect(failed.code, failed.stderr).toBe(10);
  at.expectNothing();
  const [left] = await at.transfers();
  expect(left?.have, failed.stderr).toBeGreaterThan(0);
  await nginxServer(root, { port: first.port });
  const resumed = await at.run(["transfers", "resume", left?.id ?? "none", "--json"]);
  expect(resumed.code, resumed.stderr).toBe(0);
  at.expectOnly(model);
});

test("a real registry, killed in the middle and started again", { timeout: LIMIT_MS }, async (context) => {
  needs(context, "docker-registry", "setpriv", "skopeo");
  const model = modelOf(160 * MIB);
  const folder = `${tempDir()}/registry`;
  const first = await registryServer({ kind: "none" }, folder);
  await pushWithSkopeo(imageOf(model), `${first.host}/lib/big:a`);
  const at = stage();
  const pull = at.startPull(`${first.host}/lib/big:a`, ["--plain-http", "--as", "t:a", ...PATIENT]);
  await untilPart(at);
  await first.kill();
  expect(pull.child.exitCode, "the pull was over before the server was killed").toBeNull();
  await pause(300);
  await registryServer({ kind: "none" }, folder, first.port);
  at.expectModel(await pull.result, model);
});

test("a disk that is too small is found before the first byte", { timeout: LIMIT_MS }, async (context) => {
  needs(context, "unshare", "mount", "strace");
  const image = imageOf(modelOf(24 * MIB));
  const server = await faultyServer({ content: imagePaths(image, "lib/m", "a") });
  const folder = tempDir();
  const ended = await pullOnSmallDisk({
    folder,
    ref: `${server.host}/lib/m:a`,
    flags: ["--plain-http", "--as", "t:a"],
    smallMib: 12,
    largeMib: 64,
  });
  expect(ended.codes, ended.stderr).toEqual([7, 0]);
  expect(ended.stderr).toMatch(/space|room|free/);
  expect(ended.visible).toBe("");
  expect(ended.hashes.split("\n")).toContain(image.model.hex);
  expect(server.sentBytes(image.model.digest)).toBe(image.model.bytes.length);
});

test("a disk that fills up half way stops the pull, and it goes on when there is room", {
  timeout: LIMIT_MS,
}, async (context) => {
  needs(context, "unshare", "mount", "strace", "dd");
  const image = imageOf(modelOf(32 * MIB));
  const server = await faultyServer({ content: imagePaths(image, "lib/m", "a"), bytesPerSecond: 16 * MIB });
  const folder = tempDir();
  const ended = await pullOnSmallDisk({
    folder,
    ref: `${server.host}/lib/m:a`,
    flags: ["--plain-http", "--as", "t:a"],
    smallMib: 48,
    largeMib: 64,
    fill: { afterMib: 10, leaveMib: 4 },
  });
  expect(ended.codes, ended.stderr).toEqual([7, 0]);
  expect(ended.stderr).toMatch(/space/);
  expect(ended.visible).toBe("");
  expect((JSON.parse(ended.transfers) as { transfers: unknown[] }).transfers).toHaveLength(1);
  expect(ended.hashes.split("\n")).toContain(image.model.hex);
  expect(server.sentBytes(image.model.digest)).toBeLessThan(2 * image.model.bytes.length);
});

/** Waits until a part file of the pull has some bytes. */
async function untilPart(at: Stage): Promise<void> {
  const folder = `${at.store}/transfers`;
  for (let turn = 0; turn < 2000; turn++) {
    if (existsSync(folder) && readdirSync(folder, { recursive: true }).length > 1) return;
    await pause(5);
  }
  throw new Error("no transfer began");
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
