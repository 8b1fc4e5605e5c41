import { spawnSync } from "node:child_process";
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { needs } from "../../test/support/needs.ts";
import { newStore } from "../../test/support/store.ts";
import { nodeStoreWorld } from "../world/node/store-world.ts";
import { copyTag } from "./copy-tag.ts";
import { digestOf } from "./digest.ts";
import { exportTag } from "./export.ts";
import { collect } from "./gc.ts";
import { blobPath, manifestPath } from "./layout.ts";
import { listTags } from "./list.ts";
import { parseRef } from "./ref.ts";
import { openOrMakeStore, openStore } from "./store.ts";
import { readTag } from "./tags.ts";
import { verifyStore } from "./verify.ts";

const EVIL = parseRef("evil");

async function withManifestAt(make: (path: string, folder: string) => void): Promise<void> {
  const { store, folder, add } = await newStore();
  await add("good", "model");
  const path = manifestPath(store.root, EVIL);
  mkdirSync(dirname(path), { recursive: true });
  const secret = `${folder}/secret.json`;
  writeFileSync(secret, readFileSync(manifestPath(store.root, parseRef("good"))));
  make(path, folder);
  expect(await readTag(store, EVIL)).toMatchObject({ kind: "unreadable" });
  expect(await listTags(store)).toHaveLength(2);
  expect(await collect(store)).toMatchObject({ kind: "refused" });
  await expect(copyTag(store, EVIL, parseRef("x"))).rejects.toMatchObject({ kind: "malformed" });
  await expect(copyTag(store, parseRef("good"), EVIL)).rejects.toMatchObject({ kind: "exists" });
  expect((await verifyStore(store)).problems).toMatchObject([{ kind: "unreadable-manifest" }]);
}

test("a manifest that is a symbolic link is not followed", () =>
  withManifestAt((path, folder) => symlinkSync(`${folder}/secret.json`, path)));

test("a manifest that is a hard link to a file elsewhere is not read", () =>
  withManifestAt((path, folder) => linkSync(`${folder}/secret.json`, path)));

test("a FIFO is not waited for", async (context) => {
  needs(context, "sh");
  await withManifestAt((path) => spawnSync("mkfifo", [path]));
});

test("a manifest of 5 MiB is not read", () =>
  withManifestAt((path) => {
    writeFileSync(path, "");
    truncateSync(path, 5 * 1024 * 1024);
  }));

test("a folder of manifests that is a link makes them unreadable", async () => {
  const { store, folder, add } = await newStore();
  await add("good", "model");
  mkdirSync(`${folder}/outside`);
  symlinkSync(`${folder}/outside`, dirname(manifestPath(store.root, EVIL)));
  expect(await readTag(store, EVIL)).toMatchObject({ kind: "unreadable" });
  await expect(copyTag(store, parseRef("good"), EVIL)).rejects.toMatchObject({ exitCode: 5 });
  expect(await collect(store)).toMatchObject({ kind: "refused" });
  expect(readdirSync(`${folder}/outside`)).toEqual([]);
});

test.each(["manifests", "blobs", "ingest", "quarantine"])(
  "a store whose %s is a link is refused",
  async (name) => {
    const { store, folder } = await newStore();
    mkdirSync(`${folder}/outside`);
    rmSync(`${store.root}/${name}`, { recursive: true });
    symlinkSync(`${folder}/outside`, `${store.root}/${name}`);
    await expect(openStore(nodeStoreWorld, store.root)).rejects.toMatchObject({ kind: "malformed" });
    await expect(openOrMakeStore(nodeStoreWorld, store.root)).rejects.toMatchObject({ kind: "malformed" });
  },
);

test("a blob that is a link counts as missing, and is not exported", async () => {
  const { store, folder, add } = await newStore();
  await add("good", "model");
  const path = blobPath(
    store.root,
    digestOf("9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4"),
  );
  writeFileSync(`${folder}/secret`, "model");
  rmSync(path);
  symlinkSync(`${folder}/secret`, path);
  expect((await verifyStore(store)).problems).toMatchObject([{ kind: "missing", tags: ["good:latest"] }]);
  const out = `${folder}/out`;
  await expect(exportTag(store, { ref: parseRef("good"), out })).rejects.toMatchObject({ kind: "not-found" });
});

test("bad bytes are found, and are not exported", async () => {
  const { store, folder, add } = await newStore();
  await add("good", "model");
  const path = blobPath(
    store.root,
    digestOf("9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4"),
  );
  rmSync(path);
  writeFileSync(path, "muddy");
  expect((await verifyStore(store)).problems).toMatchObject([{ kind: "wrong-bytes" }]);
  const out = `${folder}/out`;
  await expect(exportTag(store, { ref: parseRef("good"), out })).rejects.toMatchObject({ kind: "malformed" });
  expect(await nodeStoreWorld.files.facts(out)).toBeNull();
  const good = `${folder}/good.gguf`;
  expect(await verifyStore(store, { repairFrom: good })).toMatchObject({ problems: [], repaired: [{}] });
  expect(readFileSync(path, "utf8")).toBe("model");
});

test("a wrong size in one manifest shows, whatever the others say, and no bytes mend it", async () => {
  const { store, folder, add } = await newStore();
  await add("a", "model");
  for (const copy of ["b", "c"]) await copyTag(store, parseRef("a"), parseRef(copy));
  const path = manifestPath(store.root, parseRef("b"));
  const sound = readFileSync(path, "utf8");
  expect(sound.split('"size":5')).toHaveLength(2);
  writeFileSync(path, sound.replace('"size":5', '"size":6'));
  const wrong = { kind: "wrong-size", detail: "5 bytes instead of 6" };
  expect((await verifyStore(store)).problems).toMatchObject([wrong]);
  const repairFrom = `${folder}/a.gguf`;
  expect(await verifyStore(store, { repairFrom })).toMatchObject({ problems: [wrong], repaired: [] });
});

test("titles cannot lead an export out of its folder", async () => {
  const { store, folder, add } = await newStore();
  await add("good", "model");
  const path = manifestPath(store.root, parseRef("good"));
  const manifest = JSON.parse(readFileSync(path, "utf8")) as { layers: { annotations: object }[] };
  for (const title of ["../out", "/etc/x", "a/../../b", "..", ""]) {
    for (const layer of manifest.layers) layer.annotations = { "org.opencontainers.image.title": title };
    writeFileSync(path, JSON.stringify(manifest));
    const request = { ref: parseRef("good"), out: `${folder}/dir`, format: "dir" } as const;
    await expect(exportTag(store, request)).rejects.toMatchObject({ kind: "malformed" });
  }
});

test("a folder with other files in it is not made a store", async () => {
  const { folder } = await newStore();
  mkdirSync(`${folder}/stuff`);
  writeFileSync(`${folder}/stuff/notes`, "x");
  await expect(openOrMakeStore(nodeStoreWorld, `${folder}/stuff`)).rejects.toMatchObject({ kind: "exists" });
});
