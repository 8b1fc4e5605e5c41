import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { needs } from "../../../test/support/needs.ts";
import { apiAt, startPush, traceFaults } from "../../../test/support/push/pushing.ts";
import { spoolingProxy } from "../../../test/support/push/spooling-proxy.ts";
import { newStore, type TestStore } from "../../../test/support/store.ts";
import { tempDir } from "../../../test/support/temp.ts";
import { registryServer } from "../../../test/support/transfer/scoped.ts";
import { digestBySkopeo } from "../../../test/support/transfer/skopeo.ts";
import { copyTag, requireTag } from "../../store/copy-tag.ts";
import { blobPath, manifestPath } from "../../store/layout.ts";
import { parseRef } from "../../store/ref.ts";
import type { Store } from "../../store/store.ts";
import { manifestDigest } from "../../store/tags.ts";

// Against CNCF distribution itself.

const SIZE = 3_000_000;
/** Small enough that the model goes in pieces. */
const LIMITS = { pieceBytes: 512 * 1024, monolithicBytes: 4096 };

test("what skopeo sees is what was meant, and a second push sends nothing", async (context) => {
  needs(context, "docker-registry", "setpriv", "skopeo");
  const { store } = await filled("m:1");
  const registry = await registryServer();
  const api = apiAt(registry.host, "lib/model");
  const first = startPush(store, api, "m:1", { limits: LIMITS });
  const pushed = await first.result;
  expect(pushed).toMatchObject({
    tag: "m:1",
    same: false,
    skippedBytes: 0,
    mountedBytes: 0,
    resumedBytes: 0,
  });
  expect(pushed.sentBytes).toBe(pushed.sizeBytes);
  expect(await digestBySkopeo(`${registry.host}/lib/model:v1`)).toBe(pushed.digest);
  expect(pushed.digest).toBe(manifestDigest(store, (await requireTag(store, parseRef("m:1"))).bytes));
  expect(traceFaults(first.events)).toEqual([]);
  expect(first.progress[0]).toEqual({ kind: "total", bytes: pushed.sizeBytes });
  expect(order(first.events, "exposed")).toBeGreaterThan(order(first.events, "proof"));
  expect(await startPush(store, api, "m:1", { limits: LIMITS }).result).toMatchObject({
    same: true,
    sentBytes: 0,
  });
  // Under another name of the same repository every blob is there.
  const other = await startPush(store, api, "m:1", { reference: "v2" }).result;
  expect(other).toMatchObject({ same: false, sentBytes: 0, skippedBytes: pushed.sizeBytes });
});

test.for([0, 1, SIZE])("a small model, of %i bytes, goes by single PUTs", async (bytes, context) => {
  needs(context, "docker-registry", "setpriv", "skopeo");
  const { store } = await filled("m:1", bytes);
  const registry = await registryServer();
  const pushed = await startPush(store, apiAt(registry.host, "lib/model"), "m:1").result;
  expect(await digestBySkopeo(`${registry.host}/lib/model:v1`)).toBe(pushed.digest);
});

test("another manifest under the name stays, unless it is forced away", async (context) => {
  needs(context, "docker-registry", "setpriv", "skopeo");
  const { store, add } = await filled("m:1");
  await add("n:1", randomBytes(SIZE));
  const registry = await registryServer();
  const api = apiAt(registry.host, "lib/model");
  const first = await startPush(store, api, "m:1").result;
  const refused = startPush(store, api, "n:1");
  await expect(refused.result).rejects.toMatchObject({
    kind: "exists",
    fields: { code: "destination-exists" },
  });
  expect(refused.progress).toEqual([]);
  expect(traceFaults(refused.events)).toEqual([]);
  expect(await digestBySkopeo(`${registry.host}/lib/model:v1`)).toBe(first.digest);
  const forced = await startPush(store, api, "n:1", { force: true }).result;
  expect(await digestBySkopeo(`${registry.host}/lib/model:v1`)).toBe(forced.digest);
});

test("basic authentication: none and wrong are refused with what to do, right ones work", async (context) => {
  needs(context, "docker-registry", "setpriv", "htpasswd", "skopeo");
  const { store } = await filled("m:1");
  const registry = await registryServer({ kind: "basic", user: "me", password: "secret" });
  for (const login of [undefined, { user: "me", password: "wrong-secret" }]) {
    const refused = startPush(store, apiAt(registry.host, "lib/model", login), "m:1");
    const error = await refused.result.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: "network", fields: { code: "auth" } });
    expect(error).toMatchObject({ hint: expect.stringContaining(`docker login ${registry.host}`) as string });
    expect(JSON.stringify(error)).not.toContain("secret");
  }
  const right = startPush(
    store,
    apiAt(registry.host, "lib/model", { user: "me", password: "secret" }),
    "m:1",
  );
  const { digest } = await right.result;
  expect(await digestBySkopeo(`${registry.host}/lib/model:v1`, "me:secret")).toBe(digest);
  expect(traceFaults(right.events)).toEqual([]);
});

test.for(["named", "known"])(
  "blobs of a %s repository are mounted: no byte is sent",
  async (how, context) => {
    needs(context, "docker-registry", "setpriv", "skopeo");
    const { store } = await filled("m:1");
    const registry = await registryServer();
    const proxy = await spoolingProxy(registry.port);
    const host = `127.0.0.1:${proxy.port}`;
    const first = await startPush(store, apiAt(host, "team/first"), "m:1", { limits: LIMITS }).result;
    const before = new Map(proxy.passed);
    if (how === "known") await copyTag(store, parseRef("m:1"), parseRef(`${host}/team/first:v1`));
    const mountFrom = how === "named" ? ["team/none", "team/first"] : [];
    const second = startPush(store, apiAt(host, "team/second"), "m:1", { limits: LIMITS, mountFrom });
    expect(await second.result).toMatchObject({ sentBytes: 0, mountedBytes: first.sizeBytes });
    expect(proxy.passed.get("PATCH")).toBe(before.get("PATCH"));
    // Only the manifest.
    expect((proxy.passed.get("PUT") ?? 0) - (before.get("PUT") ?? 0)).toBeLessThan(2000);
    expect(traceFaults(second.events)).toEqual([]);
    expect(await digestBySkopeo(`${registry.host}/team/second:v1`)).toBe(first.digest);
  },
);

test("a repository that has not got it costs nothing but a question", async (context) => {
  needs(context, "docker-registry", "setpriv");
  const { store } = await filled("m:1");
  const registry = await registryServer();
  const mountFrom = ["team/none", "team/other"];
  const pushed = await startPush(store, apiAt(registry.host, "team/a"), "m:1", { limits: LIMITS, mountFrom })
    .result;
  expect(pushed).toMatchObject({ sentBytes: pushed.sizeBytes, mountedBytes: 0 });
});

test("a list goes with its manifests", async (context) => {
  needs(context, "docker-registry", "setpriv", "skopeo");
  const { store } = await filled("m:1");
  const digest = await makeList(store, "m:1", "many:1");
  const registry = await registryServer();
  const pushed = await startPush(store, apiAt(registry.host, "lib/many"), "many:1").result;
  expect(pushed.digest).toBe(digest);
  expect(await digestBySkopeo(`${registry.host}/lib/many:v1`)).toBe(digest);
  const inner = manifestDigest(store, (await requireTag(store, parseRef("m:1"))).bytes);
  expect(await digestBySkopeo(`${registry.host}/lib/many@${inner}`)).toBe(inner);
});

test("a registry that is killed and comes back is waited for", async (context) => {
  needs(context, "docker-registry", "setpriv", "skopeo");
  const { store } = await filled("m:1", 20_000_000);
  const folder = `${tempDir()}/registry`;
  const registry = await registryServer({ kind: "none" }, folder);
  const restarting: Promise<void>[] = [];
  const restart = async (): Promise<void> => {
    await registry.kill();
    await registryServer({ kind: "none" }, folder, registry.port);
  };
  const pushing = startPush(store, apiAt(registry.host, "lib/model"), "m:1", {
    limits: { ...LIMITS, firstWaitMs: 200, longestWaitMs: 1000, tries: 8 },
    onProgress: ({ kind }) => {
      if (kind === "bytes" && restarting.length === 0) restarting.push(restart());
    },
  });
  const pushed = await pushing.result;
  await Promise.all(restarting);
  expect(restarting).toHaveLength(1);
  expect(await digestBySkopeo(`${registry.host}/lib/model:v1`)).toBe(pushed.digest);
  expect(traceFaults(pushing.events)).toEqual([]);
}, 30_000);

test("what is no tag or repository is refused before anything is asked", async () => {
  const { store } = await filled("m:1");
  const api = apiAt("127.0.0.1:9", "lib/model");
  for (const bad of [
    { reference: "../x" },
    { reference: "" },
    { mountFrom: ["A/b"] },
    { mountFrom: ["../b"] },
  ]) {
    await expect(startPush(store, api, "m:1", bad).result).rejects.toMatchObject({ kind: "usage" });
  }
  await expect(startPush(store, api, "absent:1").result).rejects.toMatchObject({ kind: "not-found" });
});

async function filled(tag: string, sizeBytes = SIZE): Promise<TestStore> {
  const made = await newStore();
  await made.add(tag, randomBytes(sizeBytes));
  return made;
}

function order(events: readonly { readonly kind: string }[], kind: string): number {
  return events.findLastIndex((event) => event.kind === kind);
}

/** A list of one manifest, as newer stores have them. */
async function makeList(store: Store, of: string, tag: string): Promise<string> {
  const { bytes } = await requireTag(store, parseRef(of));
  const inner = manifestDigest(store, bytes);
  writeFileSync(blobPath(store.root, inner), bytes);
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const platform = { architecture: "amd64", os: "linux" };
  const manifests = [{ mediaType, digest: inner, size: bytes.length, platform }];
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests,
  });
  const path = manifestPath(store.root, parseRef(tag));
  mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  writeFileSync(path, text);
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
