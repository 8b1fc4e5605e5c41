import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { needs } from "../../../test/support/needs.ts";
import { buildChild, type Killable, startChild } from "../../../test/support/push/killable.ts";
import { apiAt, startPush, traceFaults } from "../../../test/support/push/pushing.ts";
import { scriptedRegistry } from "../../../test/support/push/scripted.ts";
import { spoolingProxy } from "../../../test/support/push/spooling-proxy.ts";
import { newStore } from "../../../test/support/store.ts";
import { registryServer } from "../../../test/support/transfer/scoped.ts";
import { digestBySkopeo } from "../../../test/support/transfer/skopeo.ts";

// A push that was cut short goes on where the registry stands.

const MIB = 1024 * 1024;
const PIECE = 2 * MIB;
const SIZE = 24 * MIB;
const LIMITS = { pieceBytes: PIECE, monolithicBytes: 1024 };

test("killed half way, it goes on where a registry stands that keeps what came", async () => {
  const { store } = await filled();
  const registry = await scriptedRegistry();
  const program = await buildChild();
  const args = [store.root, `127.0.0.1:${registry.port}`, "lib/model", `${PIECE}`];
  const first = startChild(program, args);
  await until(() => registry.log.filter(({ method }) => method === "PATCH").length >= 6);
  first.child.kill("SIGKILL");
  expect(await first.ended).toBe(null);
  const [uploads = ""] = journals(store.root);
  expect(statSync(uploads).mode & 0o777).toBe(0o600);
  await until(() => registry.settled());
  const cameBytes = registry.cameBytes();
  const second = await startChild(program, args).ended;
  expect(second?.resumedBytes).toBeGreaterThanOrEqual(6 * PIECE);
  expect(registry.cameBytes() - (second?.sizeBytes ?? 0)).toBeLessThanOrEqual(PIECE);
  expect(registry.cameBytes() - cameBytes).toBe(second?.sentBytes);
  expect(journals(store.root)).toEqual([]);
}, 30_000);

test("killed half way, it goes on at the real registry, behind a proxy as nginx is by default", async (context) => {
  needs(context, "docker-registry", "setpriv", "skopeo");
  const { store } = await filled();
  const registry = await registryServer();
  const program = await buildChild();
  // In the middle of a piece.
  const enough = SIZE / 2 + PIECE / 2;
  const proxy = await spoolingProxy(registry.port, (came) => came >= enough && first?.child.kill("SIGKILL"));
  const args = [store.root, `127.0.0.1:${proxy.port}`, "lib/model", `${PIECE}`];
  let first: Killable | null = startChild(program, args);
  expect(await first.ended).toBe(null);
  first = null;
  const second = await startChild(program, args).ended;
  expect(second?.resumedBytes).toBeGreaterThanOrEqual(SIZE / 2);
  expect(proxy.passed.get("PATCH")).toBe(SIZE);
  expect(proxy.cameBytes() - SIZE).toBeLessThanOrEqual(PIECE);
  expect(await digestBySkopeo(`${registry.host}/lib/model:v1`)).toBe(second?.digest);
}, 30_000);

test("killed within a piece, it ends well at the real registry, which forgets such an upload", async (context) => {
  needs(context, "docker-registry", "setpriv", "skopeo");
  const { store } = await filled();
  const registry = await registryServer();
  const program = await buildChild();
  const args = [store.root, registry.host, "lib/model", `${PIECE}`];
  const first = startChild(program, args);
  await until(() => journals(store.root).length > 0);
  first.child.kill("SIGKILL");
  await first.ended;
  const second = await startChild(program, args).ended;
  expect(await digestBySkopeo(`${registry.host}/lib/model:v1`)).toBe(second?.digest);
}, 30_000);

test("cancelled, every task ends first, and the next push goes on", async () => {
  const { store } = await filled();
  const registry = await scriptedRegistry();
  const api = apiAt(`127.0.0.1:${registry.port}`, "lib/model");
  const stop = new AbortController();
  const reason = new Error("Ctrl-C");
  const cancelled = startPush(store, api, "m:1", {
    limits: LIMITS,
    signal: stop.signal,
    onProgress: () => registry.cameBytes() > SIZE / 2 && stop.abort(reason),
  });
  await expect(cancelled.result).rejects.toBe(reason);
  expect(traceFaults(cancelled.events)).toEqual([]);
  expect(cancelled.events.map(({ kind }) => kind)).toContain("region_cancelled");
  expect(registry.log.some(({ method }) => method === "DELETE")).toBe(false);
  expect(readdirSync(`${store.root}/ingest`)).toEqual([]);
  const again = await startPush(store, api, "m:1", { limits: LIMITS }).result;
  expect(again.resumedBytes).toBeGreaterThanOrEqual(SIZE / 2 - PIECE);
  expect(again.sentBytes + again.resumedBytes + again.skippedBytes).toBe(again.sizeBytes);
});

test.each(["not JSON", "[]", '{"version":1,"uploads":{"x":1}}', "old"])(
  "a journal that is %s is not believed",
  async (text) => {
    const { store } = await filled();
    const failing = await scriptedRegistry({
      faults: [{ method: "PATCH", after: 2, times: 99, does: { kind: "answer", status: 403 } }],
    });
    const api = apiAt(`127.0.0.1:${failing.port}`, "lib/model");
    await expect(startPush(store, api, "m:1", { limits: LIMITS }).result).rejects.toThrow();
    const [path = ""] = journals(store.root);
    const kept = readFileSync(path, "utf8");
    expect(kept).toMatch(/uploads\/[12]/);
    writeFileSync(path, text === "old" ? kept.replaceAll(/"atMs":\d+/g, '"atMs":1') : text);
    utimesSync(path, 1, 1);
    const before = failing.log.length;
    await expect(startPush(store, api, "m:1", { limits: LIMITS }).result).rejects.toThrow();
    expect(
      failing.log.slice(before).some(({ method, path: at }) => method === "GET" && /uploads/.test(at)),
    ).toBe(false);
  },
);

test("a journal that leads elsewhere is not followed", async () => {
  const { store } = await filled();
  const stranger = await scriptedRegistry();
  const registry = await scriptedRegistry({
    faults: [{ method: "PATCH", after: 2, does: { kind: "answer", status: 403 } }],
  });
  const api = apiAt(`127.0.0.1:${registry.port}`, "lib/model", { user: "me", password: "secret" });
  await expect(startPush(store, api, "m:1", { limits: LIMITS }).result).rejects.toThrow();
  const [path = ""] = journals(store.root);
  writeFileSync(
    path,
    readFileSync(path, "utf8").replaceAll(`127.0.0.1:${registry.port}`, `127.0.0.1:${stranger.port}`),
  );
  const again = await startPush(store, api, "m:1", { limits: LIMITS }).result;
  expect(again.resumedBytes).toBe(0);
  expect(stranger.log.some(({ authorization }) => authorization !== undefined)).toBe(false);
});

async function filled(): ReturnType<typeof newStore> {
  const made = await newStore();
  await made.add("m:1", randomBytes(SIZE));
  return made;
}

function journals(root: string): string[] {
  const folder = `${root}/transfers`;
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => `${folder}/${name}/uploads.json`)
    .filter((path) => existsSync(path));
}

async function until(what: () => boolean): Promise<void> {
  for (let looks = 0; looks < 2000; looks++) {
    if (what()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("it did not come to that within 10 s");
}
