import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { expect, test } from "vitest";
import { copyTag } from "../src/store/copy-tag.ts";
import { exportTag } from "../src/store/export.ts";
import { collect } from "../src/store/gc.ts";
import { importModel } from "../src/store/import.ts";
import { blobPath, manifestPath } from "../src/store/layout.ts";
import { listTags } from "../src/store/list.ts";
import { publishManifest } from "../src/store/publish.ts";
import { removeTag } from "../src/store/remove-tag.ts";
import { findModel } from "../src/store/sources.ts";
import { openOrMakeStore, openStore, removeMade } from "../src/store/store.ts";
import { readTag } from "../src/store/tags.ts";
import { verifyStore } from "../src/store/verify.ts";
import { withWork } from "../src/store/work.ts";
import { nodeStoreWorld } from "../src/world/node/store-world.ts";
import { newStore } from "./support/store.ts";
import { A, B, MODEL, meddle, tagOf, withModel } from "./support/meddle.ts";

test("a manifest that could not be read again is not published", async () => {
  const { store } = await withModel();
  const { bytes } = await tagOf(store);
  const long = Buffer.concat([bytes, Buffer.alloc(4 * 1024 * 1024, " ")]);
  for (const bad of [long, Buffer.from("{")]) {
    const publishing = withWork(store, (work) => publishManifest(store, work, B, bad, []));
    await expect(publishing).rejects.toMatchObject({ fields: { code: "bad-manifest" } });
  }
  expect(await readTag(store, B)).toBeNull();
});

test("a manifest that a user may not read is listed, and stops gc only", async () => {
  const { store } = await withModel();
  await copyTag(store, A, B);
  const denied = Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
  const path = manifestPath(store.root, B);
  const blind = meddle(store, (files) => ({
    readSmall: (at, max) => (at === path ? Promise.reject(denied) : files.readSmall(at, max)),
    entries: (at, max) => (at.endsWith("/x") ? Promise.reject(denied) : files.entries(at, max)),
  }));
  mkdirSync(`${store.root}/manifests/x`);
  const listed = await listTags(blind);
  expect(listed.map(({ kind }) => kind).sort()).toEqual(["tag", "unreadable", "unreadable"]);
  expect(await collect(blind)).toMatchObject({ kind: "refused", unreadable: [{}, {}] });
});

test("an export finds a blob that a collector has moved away for a moment", async () => {
  const { store, folder } = await withModel();
  let moved = false;
  const racing = meddle(store, (files) => ({
    reflink(from, to) {
      if (!moved) renameSync(from, `${store.root}/quarantine/${MODEL.replace(":", "-")}.0123456789abcdef`);
      moved = true;
      return files.reflink(from, to);
    },
  }));
  await exportTag(racing, { ref: A, out: `${folder}/out` });
  expect(readFileSync(`${folder}/out`, "utf8")).toBe("model");
});

test("--force replaces this model's files, and nothing else", async () => {
  const { store, folder } = await withModel();
  const out = `${folder}/out`;
  const request = { ref: A, out, force: true } as const;
  const refused = (change: object, kind: string): Promise<void> =>
    expect(exportTag(store, { ...request, ...change })).rejects.toMatchObject({ kind });
  mkdirSync(`${out}/photos`, { recursive: true });
  writeFileSync(`${out}/photos/one`, "precious");
  await refused({ format: "dir" }, "exists");
  await refused({ format: "ollama" }, "exists");
  expect(readFileSync(`${out}/photos/one`, "utf8")).toBe("precious");
  rmSync(out, { recursive: true });
  await exportTag(store, { ...request, format: "ollama" });
  await exportTag(store, { ...request, format: "ollama" });
  await refused({ out: store.root, format: "ollama" }, "exists");
  await refused({ out: blobPath(store.root, MODEL) }, "usage");
  await refused({ out: `${store.root}/new`, force: false }, "usage");
  symlinkSync(store.root, `${folder}/there`);
  await refused({ out: `${folder}/there/new`, force: false }, "usage");
  symlinkSync("/dev/null", `${folder}/null`);
  await refused({ out: `${folder}/null` }, "exists");
  spawnSync("mkfifo", [`${folder}/pipe`]);
  await refused({ out: `${folder}/pipe` }, "exists");
  expect(lstatSync(`${folder}/null`).isSymbolicLink()).toBe(true);
  expect((await verifyStore(store)).problems).toEqual([]);
});

test("whatever name a model's file has, it can be exported again", async () => {
  const { store, folder } = await newStore();
  for (const name of ["we\\ird\nname\u001B.gguf", "模".repeat(80), "...", "-rf"]) {
    mkdirSync(`${folder}/in`, { recursive: true });
    writeFileSync(`${folder}/in/${name}`, "model");
    const { parts } = await findModel(nodeStoreWorld, `${folder}/in/${name}`);
    const source = { kind: "files", parts } as const;
    const describe = (): Promise<never> => Promise.resolve({ format: null } as never);
    await importModel(store, { ref: A, source, describe });
    mkdirSync(`${folder}/out`);
    await exportTag(store, { ref: A, out: `${folder}/out` });
    await exportTag(store, { ref: A, out: `${folder}/out/${"模".repeat(80)}-2` });
    expect(readFileSync(`${folder}/out/${name}`, "utf8")).toBe("model");
    rmSync(`${folder}/out`, { recursive: true });
    await removeTag(store, A);
  }
});

test("titles that are a file and a folder at once are refused before anything is written", async () => {
  const { store, folder } = await withModel();
  const manifest = JSON.parse(readFileSync(manifestPath(store.root, A), "utf8")) as { layers: object[] };
  const titled = (title: string): object => ({
    ...manifest.layers[0],
    annotations: { "org.opencontainers.image.title": title },
  });
  const pairs = [
    ["a", "a/b"],
    ["x", "x"],
    ["x", "模".repeat(100)],
    ["x", "a\0b"],
  ] as const;
  for (const [one, two] of pairs) {
    writeFileSync(
      manifestPath(store.root, A),
      JSON.stringify({ ...manifest, layers: [titled(one), titled(two)] }),
    );
    const exporting = exportTag(store, { ref: A, out: `${folder}/out`, format: "dir" });
    await expect(exporting).rejects.toMatchObject({ kind: "malformed" });
  }
});

test("a folder in the place of a manifest or of a blob is told, and left alone", async () => {
  const { store, add } = await withModel();
  mkdirSync(`${manifestPath(store.root, B)}/inside`, { recursive: true });
  await expect(removeTag(store, B)).rejects.toMatchObject({ kind: "malformed" });
  rmSync(blobPath(store.root, MODEL));
  mkdirSync(blobPath(store.root, MODEL));
  await expect(add("c", "model")).rejects.toMatchObject({ kind: "malformed" });
  expect(existsSync(`${manifestPath(store.root, B)}/inside`)).toBe(true);
});

test("a store that another program made, or whose maker took its folders back, can be used", async () => {
  const { store, folder, add } = await withModel();
  for (const name of ["ingest", "quarantine"]) rmSync(`${store.root}/${name}`, { recursive: true });
  await copyTag(store, A, B);
  await removeTag(store, A);
  rmSync(`${store.root}/quarantine`, { recursive: true });
  expect(await collect(store)).toMatchObject({ kind: "collected", blobs: [] });
  await removeTag(store, B);
  expect(await collect(store)).toMatchObject({ blobs: [{}, {}] });
  rmSync(`${store.root}/blobs`, { recursive: true });
  await add("again", "model");
  const first = await openOrMakeStore(nodeStoreWorld, `${folder}/new`);
  await openOrMakeStore(nodeStoreWorld, `${folder}/new`);
  await removeMade(first);
  mkdirSync(`${folder}/disk/lost+found`, { recursive: true });
  await openOrMakeStore(nodeStoreWorld, `${folder}/disk`);
  symlinkSync("nowhere", `${folder}/link`);
  await expect(openStore(nodeStoreWorld, `${folder}/link`)).rejects.toMatchObject({ kind: "not-found" });
});

test("thousands of tags of one blob are verified in no time", { timeout: 20_000 }, async () => {
  const { store } = await withModel();
  const { bytes } = await tagOf(store);
  const folder = manifestPath(store.root, A).replace(/\/latest$/, "");
  for (let number = 0; number < 20_000; number++) writeFileSync(`${folder}/t${number}`, bytes);
  const startMs = performance.now();
  expect(await verifyStore(store)).toMatchObject({ blobs: 2, problems: [] });
  expect(performance.now() - startMs).toBeLessThan(3000);
});
