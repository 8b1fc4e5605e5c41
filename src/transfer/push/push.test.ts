import { randomBytes } from "node:crypto";
import { chmodSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { collect as collectBlobs } from "../../store/gc.ts";
import { blobPath } from "../../store/layout.ts";
import { parseRef } from "../../store/ref.ts";
import { removeTag } from "../../store/remove-tag.ts";
import { type Fault, scriptedRegistry } from "../../../test/support/push/scripted.ts";
import { apiAt, layerOf, startPush, traceFaults } from "../../../test/support/push/pushing.ts";
import { newStore, type TestStore } from "../../../test/support/store.ts";

// Against a registry that keeps to the protocol, and fails where it is told to.

const PIECE = 256 * 1024;
const SIZE = 5 * PIECE + 1000;
const LIMITS = { pieceBytes: PIECE, monolithicBytes: 1024 };
const UPLOAD = /uploads\/\d+/;

async function modelStore(content: Buffer = randomBytes(SIZE)): Promise<TestStore> {
  const made = await newStore();
  await made.add("m:1", content);
  return made;
}

/** Faults after which a push still ends well, and the most that may be sent a second time. */
const SURVIVED: readonly (readonly [string, Fault, number])[] = [
  ["busy at first", { method: "POST", path: /uploads/, does: { kind: "answer", status: 503 } }, 0],
  [
    "429 with a wait",
    { method: "PATCH", does: { kind: "answer", status: 429, headers: { "retry-after": "0" } } },
    PIECE,
  ],
  ["cut in a piece", { method: "PATCH", after: 2, does: { kind: "cut", afterBytes: 100_000 } }, PIECE],
  ["cut at its first byte", { method: "PATCH", does: { kind: "cut", afterBytes: 1 } }, SIZE + PIECE],
  ["an answer that is lost", { method: "PATCH", after: 1, does: { kind: "deaf" } }, 0],
  ["the last answer is lost", { method: "PUT", path: UPLOAD, times: 2, does: { kind: "deaf" } }, 1024],
  ["416", { method: "PATCH", after: 1, does: { kind: "answer", status: 416 } }, PIECE],
  ["a session that is lost", { method: "PATCH", after: 2, does: { kind: "forget" } }, 3 * PIECE],
  ["a session unknown to GET", { method: "GET", path: UPLOAD, does: { kind: "answer", status: 404 } }, 0],
  ["413", { method: "PATCH", times: 1, does: { kind: "answer", status: 413 } }, PIECE],
  ["slow answers", { method: "PATCH", times: 3, does: { kind: "slow", ms: 50 } }, 0],
  ["a digest refused once", { method: "PUT", path: UPLOAD, does: { kind: "answer", status: 400 } }, SIZE],
  ["the manifest busy", { method: "PUT", path: /manifests/, does: { kind: "answer", status: 500 } }, 0],
  ["read back too early", { method: "GET", path: /manifests/, does: { kind: "answer", status: 404 } }, 0],
];

test.each(SURVIVED)("%s: the push ends well", async (_name, fault, againBytes) => {
  const { store } = await modelStore();
  const registry = await scriptedRegistry({ faults: [fault] });
  const pushing = startPush(store, apiAt(`127.0.0.1:${registry.port}`, "lib/model"), "m:1", {
    limits: LIMITS,
  });
  const pushed = await pushing.result;
  expect(pushed.sentBytes - pushed.sizeBytes).toBeLessThanOrEqual(againBytes);
  expect(registry.manifests.has("v1")).toBe(true);
  expect(traceFaults(pushing.events)).toEqual([]);
  const told = pushing.progress.reduce((sum, each) => sum + (each.kind === "bytes" ? each.bytes : 0), 0);
  expect(told).toBe(pushed.sizeBytes);
});

/** Faults that end a push: kind and code of the error. */
const ENDED: readonly (readonly [string, readonly Fault[], string, string])[] = [
  ["401", [{ method: "POST", times: 9, does: { kind: "answer", status: 401 } }], "network", "auth"],
  ["403", [{ method: "PATCH", times: 9, does: { kind: "answer", status: 403 } }], "network", "auth"],
  [
    "no such repository",
    [{ method: "POST", times: 9, does: { kind: "answer", status: 404 } }],
    "not-found",
    "repository-not-found",
  ],
  [
    "busy for ever",
    [{ method: "PATCH", times: 99, does: { kind: "answer", status: 503 } }],
    "network",
    "status",
  ],
  ["cut for ever", [{ method: "PATCH", times: 99, does: { kind: "cut", afterBytes: 0 } }], "network", "cut"],
  [
    "413 for ever",
    [{ method: "PATCH", times: 99, does: { kind: "answer", status: 413 } }],
    "network",
    "too-large",
  ],
  [
    "sessions lost for ever",
    [{ method: "PATCH", times: 99, does: { kind: "forget" } }],
    "network",
    "upload-lost",
  ],
  [
    "416 for ever",
    [{ method: "PATCH", times: 99, does: { kind: "answer", status: 416 } }],
    "network",
    "upload-lost",
  ],
  [
    "a lying digest of a blob",
    [
      {
        method: "PUT",
        path: UPLOAD,
        times: 9,
        does: { kind: "headers", headers: { "docker-content-digest": `sha256:${"0".repeat(64)}` } },
      },
    ],
    "network",
    "digest-mismatch",
  ],
  [
    "a lying digest of the manifest",
    [
      {
        method: "PUT",
        path: /manifests/,
        does: { kind: "headers", headers: { "docker-content-digest": "sha256:00" } },
      },
    ],
    "network",
    "digest-mismatch",
  ],
  [
    "a manifest that is refused",
    [{ method: "PUT", path: /manifests/, does: { kind: "answer", status: 400 } }],
    "network",
    "manifest-refused",
  ],
  [
    "never there afterwards",
    [{ method: "GET", path: /manifests/, times: 99, does: { kind: "answer", status: 404 } }],
    "network",
    "readback-missing",
  ],
  [
    "an upload sent elsewhere",
    [
      {
        method: "POST",
        times: 9,
        does: { kind: "headers", headers: { location: "http://elsewhere.example/u" } },
      },
    ],
    "network",
    "unsafe-location",
  ],
  [
    "a read-only registry",
    [{ method: "POST", times: 9, does: { kind: "answer", status: 405 } }],
    "network",
    "read-only",
  ],
];

test.each(ENDED)("%s: a clear error, and nothing under the name", async (name, faults, kind, code) => {
  const { store } = await modelStore();
  const registry = await scriptedRegistry({ faults });
  const pushing = startPush(store, apiAt(`127.0.0.1:${registry.port}`, "lib/model"), "m:1", {
    limits: LIMITS,
  });
  await expect(pushing.result).rejects.toMatchObject({ kind, fields: { code } });
  if (!name.includes("afterwards") && !name.includes("of the manifest")) {
    expect(registry.manifests.has("v1")).toBe(false);
    expect(pushing.events.some(({ kind: each }) => each === "exposed")).toBe(false);
  }
  expect(traceFaults(pushing.events)).toEqual([]);
});

test("a damaged blob is refused before it is blessed, and its session is given back", async () => {
  const { store } = await modelStore();
  const layer = await layerOf(store, "m:1");
  const path = blobPath(store.root, layer);
  chmodSync(path, 0o644);
  writeFileSync(path, randomBytes(SIZE));
  const registry = await scriptedRegistry();
  const pushing = startPush(store, apiAt(`127.0.0.1:${registry.port}`, "lib/model"), "m:1", {
    limits: LIMITS,
  });
  await expect(pushing.result).rejects.toMatchObject({ kind: "malformed", fields: { code: "damaged-blob" } });
  expect(registry.blobs.has(layer)).toBe(false);
  expect(registry.manifests.size).toBe(0);
  expect(registry.log.some(({ method }) => method === "DELETE")).toBe(true);
  expect(traceFaults(pushing.events)).toEqual([]);
});

test("gc takes nothing away while a push goes on", async () => {
  const { store } = await modelStore();
  const slow: Fault = { method: "PATCH", times: 99, does: { kind: "slow", ms: 30 } };
  const registry = await scriptedRegistry({ faults: [slow] });
  const collecting: Promise<void>[] = [];
  const collect = async (): Promise<void> => {
    await removeTag(store, parseRef("m:1"));
    await collectBlobs(store);
  };
  const pushing = startPush(store, apiAt(`127.0.0.1:${registry.port}`, "lib/model"), "m:1", {
    limits: LIMITS,
    onProgress: ({ kind }) => {
      if (kind === "bytes" && collecting.length === 0) collecting.push(collect());
    },
  });
  await pushing.result;
  await Promise.all(collecting);
  expect(collecting).toHaveLength(1);
  expect(registry.manifests.has("v1")).toBe(true);
});

test("a registry's least piece is kept to, and its sessions may lie on another host, without credentials", async () => {
  const { store } = await modelStore();
  const login = { user: "me", password: "secret" };
  const storage = await scriptedRegistry();
  const registry = await scriptedRegistry({
    leastPieceBytes: 2 * PIECE,
    memory: storage.memory,
    sessionsAt: `http://localhost:${storage.port}`,
  });
  const pushing = startPush(store, apiAt(`127.0.0.1:${registry.port}`, "lib/model", login), "m:1", {
    limits: LIMITS,
  });
  await pushing.result;
  const pieces = storage.log.filter(({ method }) => method === "PATCH").map(({ bodyBytes }) => bodyBytes);
  expect(pieces.slice(0, -1).every((bytes) => bytes >= 2 * PIECE)).toBe(true);
  expect(storage.log.some(({ authorization }) => authorization !== undefined)).toBe(false);
  expect(registry.log.every(({ authorization }) => authorization !== undefined)).toBe(true);
});

test("another manifest read back than the one that was sent: the push fails, and the oracle says so", async () => {
  const { store } = await modelStore();
  const other: Fault = {
    method: "GET",
    path: /manifests/,
    does: { kind: "answer", status: 200, body: "{}" },
  };
  const registry = await scriptedRegistry({ faults: [other] });
  const pushing = startPush(store, apiAt(`127.0.0.1:${registry.port}`, "lib/model"), "m:1", {
    limits: LIMITS,
  });
  await expect(pushing.result).rejects.toMatchObject({
    kind: "network",
    fields: { code: "digest-mismatch" },
  });
  expect(traceFaults(pushing.events).join()).toContain("Manifest hash mismatch");
});
