import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { tempDir } from "../../../test/support/temp.ts";
import { COMMIT, type HubFiles, newHub, TOKEN, type TestHub } from "../../../test/support/transfer/hub.ts";
import type { AprError } from "../../base/errors.ts";
import { nodeNet } from "../../world/node/net.ts";
import { nodeStoreWorld } from "../../world/node/store-world.ts";
import { httpClient } from "../http/client.ts";
import { parseReference } from "../reference.ts";
import type { Remote, RemoteFile } from "../remote.ts";
import { hubToken } from "./hub-token.ts";
import { hubRemote } from "./hugging-face.ts";

const world = { ...nodeStoreWorld, net: nodeNet };
const { signal } = new AbortController();
async function open(hub: TestHub, text: string, env: Readonly<Record<string, string>> = {}): Promise<Remote> {
  const reference = parseReference(text);
  if (reference.kind !== "hugging-face") throw new Error(reference.kind);
  const homeFolder = env["HOME"] ?? "/nonexistent";
  const tokens = {
    files: world.files,
    env: { HF_ENDPOINT: hub.endpoint, ...env },
    homeFolder,
    workingFolder: "/",
  };
  return hubRemote(
    {
      world,
      endpoint: tokens.env["HF_ENDPOINT"] ?? null,
      token: () => hubToken(tokens),
      client: httpClient(nodeNet),
      plainHttp: false,
    },
    reference,
  );
}

async function filesOf(remote: Remote): Promise<readonly RemoteFile[]> {
  const resolved = await remote.resolve(signal);
  if (resolved.kind !== "files") throw new Error(resolved.kind);
  return resolved.files;
}

async function fetchText(remote: Remote, { digest, sizeBytes, title }: RemoteFile): Promise<string> {
  const source = await remote.blob({ digest, sizeBytes, title }, signal);
  if (source === null || sizeBytes === null) throw new Error("no way");
  const path = `${tempDir()}/out`;
  const file = await world.files.createNew(path, 0o600);
  const got = await source.chunk({ file, offsetBytes: 0, sizeBytes, signal, onBytes: () => undefined });
  expect(got).toEqual({ kind: "got" });
  await file.close();
  return readFileSync(path, "utf8");
}

const MODEL: HubFiles = {
  "m.Q4.gguf": { content: "the weights", lfs: true },
  "config.json": { content: "{}", lfs: false },
};

test("a file is pinned to its commit, with its digest; the token stays with the hub", async () => {
  const hub = await newHub(MODEL, { gated: true });
  const remote = await open(hub, "hf://org/repo/m.Q4.gguf", { HF_TOKEN: ` ${TOKEN}\n` });
  expect(remote.tag).toEqual({ host: "huggingface.co", namespace: "org", name: "repo", tag: "m.Q4" });
  const [file] = await filesOf(remote);
  if (file === undefined) throw new Error("no file");
  const digest = `sha256:${createHash("sha256").update("the weights").digest("hex")}`;
  expect(file).toMatchObject({ title: "m.Q4.gguf", sizeBytes: 11, digest });
  expect(file.identity).toBe(`${hub.endpoint}/org/repo/resolve/${COMMIT}/m.Q4.gguf`);
  expect(await fetchText(remote, file)).toBe("the weights");
  const cdn = hub.log.filter((line) => line.startsWith("cdn"));
  expect(cdn.length).toBeGreaterThan(0);
  expect(cdn.every((line) => line.endsWith(" -"))).toBe(true);
  expect(
    hub.log.filter((line) => line.startsWith("hub")).every((line) => line.endsWith(` Bearer ${TOKEN}`)),
  ).toBe(true);
  expect(hub.log.some((line) => line.includes("/resolve/main/"))).toBe(false);
});

test("a file that is not in LFS has no digest, and still comes", async () => {
  const remote = await open(await newHub(MODEL), "hf://org/repo/config.json");
  const [file] = await filesOf(remote);
  if (file === undefined) throw new Error("no file");
  expect(file).toMatchObject({ digest: null, sizeBytes: 2 });
  expect(await fetchText(remote, file)).toBe("{}");
});

test("as a second source it knows a blob by its digest, whatever its name", async () => {
  const remote = await open(await newHub(MODEL), "hf://org/repo/m.Q4.gguf");
  const [file] = await filesOf(remote);
  if (file === undefined) throw new Error("no file");
  expect(await remote.blob({ ...file, title: "other" }, signal)).not.toBeNull();
  expect(await remote.blob({ ...file, digest: `sha256:${"0".repeat(64)}` }, signal)).toBeNull();
  expect(await remote.blob({ ...file, sizeBytes: 5 }, signal)).toBeNull();
});

test("one shard brings all of them, and the index where there is one", async () => {
  const shard = (number: number): string => `sub/m-0000${number}-of-00002.safetensors`;
  const weights = { content: "x", lfs: true };
  const index = { "sub/m.safetensors.index.json": { content: "{}", lfs: false } };
  const both = { [shard(1)]: weights, [shard(2)]: weights };
  const titles = async (files: HubFiles): Promise<string[]> =>
    (await filesOf(await open(await newHub(files), `hf://org/repo/${shard(2)}`))).map(({ title }) => title);
  expect(await titles({ ...both, ...index })).toEqual([shard(1), shard(2), ...Object.keys(index)]);
  expect(await titles(both)).toEqual([shard(1), shard(2)]);
  await expect(titles({ [shard(2)]: weights })).rejects.toMatchObject({
    kind: "not-found",
    message: expect.stringContaining("m-00001-of-00002") as string,
  });
});

async function refusalOf(remote: Promise<Remote>): Promise<AprError> {
  try {
    await (await remote).resolve(signal);
  } catch (error) {
    expect(JSON.stringify(error) + String(error)).not.toContain("hunter2");
    return error as AprError;
  }
  throw new Error("was not refused");
}

test("gated, private and missing are told apart, with what to do", async () => {
  const gated = await newHub(MODEL, { gated: true });
  const model = "hf://org/repo/m.Q4.gguf";
  expect(await refusalOf(open(gated, model))).toMatchObject({
    kind: "network",
    fields: { code: "auth" },
    hint: `accept the terms at ${gated.endpoint}/org/repo, and set HF_TOKEN to a token that may read it`,
  });
  const other = await refusalOf(open(gated, model, { HF_TOKEN: "hf_other_hunter2" }));
  expect(other.hint).toContain("with the token's account");
  const hidden = await refusalOf(open(await newHub(MODEL, { private: true }), model));
  expect(hidden).toMatchObject({ kind: "network", fields: { code: "auth" } });
  expect(hidden.hint).toContain("HF_TOKEN");
  const hub = await newHub(MODEL);
  expect((await refusalOf(open(hub, "hf://org/repo@v9/m.gguf"))).hint).toContain("no such branch");
  expect((await refusalOf(open(hub, "hf://org/repo/other.gguf"))).kind).toBe("not-found");
});
