import { expect, test } from "vitest";
import type { Digest } from "../../store/digest.ts";
import { MAX_MANIFEST_BYTES } from "../../store/limits.ts";
import { nodeFiles } from "../../world/node/files.ts";
import { nodeHash } from "../../world/node/hash.ts";
import { nodeNet } from "../../world/node/net.ts";
import { nodeRandom } from "../../world/node/random.ts";
import { nodeClock, nodeTimers } from "../../world/node/time.ts";
import { type Got, httpScript, type Reply } from "../../../test/support/http-script.ts";
import { needs } from "../../../test/support/needs.ts";
import { tempDir } from "../../../test/support/temp.ts";
import { imageOf, imagePaths, modelOf, type ServedBytes } from "../../../test/support/transfer/model.ts";
import { bearerRegistry, registryServer } from "../../../test/support/transfer/scoped.ts";
import { pushWithSkopeo } from "../../../test/support/transfer/skopeo.ts";
import { httpClient } from "../http/client.ts";
import type { Remote, Wanted } from "../remote.ts";
import type { RegistryDeps } from "./deps.ts";
import { ANONYMOUS, type Credentials } from "./credentials.ts";
import { ollamaRemote, registryRemote } from "./remote.ts";

const { signal } = new AbortController();
const image = imageOf(modelOf(200_000));

function deps(credentials: Credentials = ANONYMOUS): RegistryDeps {
  const world = { clock: nodeClock, timers: nodeTimers, random: nodeRandom, hash: nodeHash };
  return { world, client: httpClient(nodeNet), credentials: () => Promise.resolve(credentials) };
}

function remoteAt(host: string, reference = "1", credentials?: Credentials): Remote {
  return registryRemote(deps(credentials), { host, repository: "team/m", reference, plainHttp: false });
}

const wanted: Wanted = {
  digest: image.model.digest as Digest,
  sizeBytes: image.model.bytes.length,
  title: null,
};

/** Fetches the model's blob in two chunks; the bytes that came. */
async function fetchBlob(remote: Remote): Promise<Buffer> {
  const source = await remote.blob(wanted, signal);
  if (source === null) throw new Error("the blob is not there");
  const path = `${tempDir()}/blob`;
  await nodeFiles.write(path, "");
  const file = await nodeFiles.openUpdate(path);
  const all = image.model.bytes.length;
  for (const [offsetBytes, sizeBytes] of [
    [100_000, all - 100_000],
    [0, 100_000],
  ] as const) {
    const outcome = await source.chunk({ file, offsetBytes, sizeBytes, signal, onBytes: () => undefined });
    expect(outcome).toEqual({ kind: "got" });
  }
  await file.close();
  return Buffer.from(await nodeFiles.readBounded(path, 1_000_000));
}

test("a model that skopeo pushed to a real registry", async (context) => {
  needs(context, "docker-registry", "skopeo", "setpriv");
  const registry = await registryServer();
  await pushWithSkopeo(image, `${registry.host}/team/m:1`);
  const remote = remoteAt(registry.host);
  expect(remote).toMatchObject({
    name: `${registry.host}/team/m`,
    tag: { host: registry.host, namespace: "team", name: "m", tag: "1" },
  });
  const resolved = await remote.resolve(signal);
  expect(resolved).toMatchObject({ kind: "image", expected: image.manifest.digest });
  expect((await fetchBlob(remote)).equals(image.model.bytes)).toBe(true);
  const pinned = remoteAt(registry.host, image.manifest.digest);
  expect(pinned.tag).toBeNull();
  expect(await pinned.resolve(signal)).toEqual(resolved);
  expect(await remote.parts?.(image.model.digest as Digest, signal)).toBeNull();
  // As a mirror it is asked first.
  expect((await fetchBlob(remoteAt(registry.host, "nosuch"))).equals(image.model.bytes)).toBe(true);
  const none: Digest = `sha256:${"0".repeat(64)}`;
  expect(await remoteAt(registry.host).blob({ ...wanted, digest: none }, signal)).toBeNull();
  expect(await remoteAt(registry.host).blob({ ...wanted, sizeBytes: 5 }, signal)).toBeNull();
  await expect(remoteAt(registry.host, "nosuch").resolve(signal)).rejects.toMatchObject({
    kind: "not-found",
  });
});

test("a real registry with tokens", async (context) => {
  needs(context, "docker-registry", "skopeo", "openssl", "setpriv");
  const { registry, tokens } = await bearerRegistry({ user: "u", password: "hush" });
  await pushWithSkopeo(image, `${registry.host}/team/m:1`, "u:hush");
  const before = tokens.given.length;
  const remote = remoteAt(registry.host, "1", { kind: "basic", username: "u", password: "hush" });
  expect(await remote.resolve(signal)).toMatchObject({ expected: image.manifest.digest });
  expect((await fetchBlob(remote)).equals(image.model.bytes)).toBe(true);
  expect(tokens.given.slice(before)).toEqual([{ scope: "repository:team/m:pull", who: "u" }]);
  const wrong = remoteAt(registry.host, "1", { kind: "basic", username: "u", password: "wrong" });
  await expect(wrong.resolve(signal)).rejects.toMatchObject({ kind: "network", fields: { code: "auth" } });
});

/** Serves the image, and what a test puts over it. */
function serving(over: Readonly<Record<string, (got: Got) => Reply | Promise<Reply>>> = {}) {
  const paths: Readonly<Record<string, ServedBytes>> = imagePaths(image, "team/m", "1");
  return httpScript((got) => {
    const own = over[`${got.method} ${got.target}`] ?? over[got.target];
    if (own !== undefined) return own(got);
    const found = paths[got.target];
    return found === undefined ? { status: 404 } : { status: 200, body: found.bytes };
  });
}

const MANIFEST = "/v2/team/m/manifests/1";

test("a digest that was asked for, or told, and is not what came: named as such", async () => {
  const told = { "docker-content-digest": `sha256:${"0".repeat(64)}` };
  const liar = await serving({
    [MANIFEST]: () => ({ status: 200, headers: told, body: image.manifest.bytes }),
  });
  const mismatch = {
    kind: "malformed",
    fields: { code: "manifest-mismatch", actual: image.manifest.digest },
  };
  await expect(remoteAt(liar.host).resolve(signal)).rejects.toMatchObject(mismatch);
  const other = `sha256:${"1".repeat(64)}`;
  const swapped = await serving({
    [`/v2/team/m/manifests/${other}`]: () => ({ status: 200, body: image.manifest.bytes }),
  });
  await expect(remoteAt(swapped.host, other).resolve(signal)).rejects.toMatchObject(mismatch);
});

test.each<[string, Reply, string, string]>([
  ["nothing", { status: 404 }, "not-found", "not-found"],
  ["no access", { status: 403, body: "hush" }, "network", "auth"],
  ["no registry", { status: 200, body: "<html>" }, "malformed", "bad-manifest"],
  ["a strange status", { status: 418 }, "network", "status"],
  ["too much", { status: 200, body: Buffer.alloc(MAX_MANIFEST_BYTES + 1) }, "network", "too-large"],
])("a registry that answers with %s", async (_name, reply, kind, code) => {
  const server = await serving({ [MANIFEST]: () => reply });
  const resolving = remoteAt(server.host).resolve(signal);
  await expect(resolving).rejects.toMatchObject({ kind, fields: { code } });
  await expect(resolving).rejects.not.toThrow(/hush/);
});

test("a registry that is busy for a moment is asked again", async () => {
  let asked = 0;
  const server = await serving({
    [MANIFEST]: () =>
      ++asked < 3
        ? { status: 503, headers: { "retry-after": "0" } }
        : { status: 200, body: image.manifest.bytes },
  });
  expect(await remoteAt(server.host).resolve(signal)).toMatchObject({ expected: image.manifest.digest });
});

function index(
  entries: readonly (readonly [digest: string, sizeBytes: number, platform: string | null])[],
): Reply {
  const manifests = entries.map(([digest, size, platform]) => {
    const [os, architecture] = platform?.split("/") ?? [];
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    return { mediaType, digest, size, ...(platform === null ? {} : { platform: { os, architecture } }) };
  });
  const mediaType = "application/vnd.oci.image.index.v1+json";
  return { status: 200, body: JSON.stringify({ schemaVersion: 2, mediaType, manifests }) };
}

const own = (platform: string | null, sizeBytes = image.manifest.bytes.length) =>
  [image.manifest.digest, sizeBytes, platform] as const;
const other = (platform: string | null) => [`sha256:${"2".repeat(64)}`, 5, platform] as const;

test("of an index the only entry, or that for linux/amd64, is taken", async () => {
  for (const entries of [
    [own(null)],
    [own("darwin/arm64")],
    [other("linux/arm64"), own("linux/amd64")],
    [own("linux/arm64"), other("unknown/unknown")],
  ]) {
    const server = await serving({ [MANIFEST]: () => index(entries) });
    expect(await remoteAt(server.host).resolve(signal)).toMatchObject({ expected: image.manifest.digest });
  }
  for (const [entries, code] of [
    [[], "no-platform"],
    [[own("linux/arm64"), other("darwin/arm64")], "no-platform"],
    [[own(null, 5)], "bad-manifest"],
    [[other(null)], "not-found"],
  ] as const) {
    const server = await serving({ [MANIFEST]: () => index(entries) });
    await expect(remoteAt(server.host).resolve(signal)).rejects.toMatchObject({ fields: { code } });
  }
});

test("a mirror without HEAD, or with signed URLs for GET only, is taken at its word", async () => {
  const blob = `/v2/team/m/blobs/${image.model.digest}`;
  const headless = await serving({ [`HEAD ${blob}`]: () => ({ status: 405 }) });
  expect(await remoteAt(headless.host).blob(wanted, signal)).not.toBeNull();
  const cdn = await httpScript(() => ({ status: 403 }));
  const signed = await serving({
    [blob]: () => ({ status: 307, headers: { location: `${cdn.url}/?sig=1` } }),
  });
  expect(await remoteAt(signed.host).blob(wanted, signal)).not.toBeNull();
  const closed = await serving({ [blob]: () => ({ status: 403 }) });
  await expect(remoteAt(closed.host).blob(wanted, signal)).rejects.toMatchObject({
    fields: { code: "auth" },
  });
});

test("digests of parts are asked for where they are offered", async () => {
  const hex = "ab".repeat(32);
  const path = `/v2/team/m/blobs/${image.model.digest}/parts`;
  const offered = (): Reply => ({ status: 200, headers: { "apr-parts": "1" }, body: image.manifest.bytes });
  const ask = async (over: Parameters<typeof serving>[0]): Promise<unknown> => {
    const server = await serving({ [MANIFEST]: offered, ...over });
    const remote = remoteAt(server.host);
    await remote.resolve(signal);
    return await remote.parts?.(image.model.digest as Digest, signal);
  };
  const partBytes = Math.ceil(image.model.bytes.length / 2);
  const good = (): Reply => ({
    status: 200,
    body: JSON.stringify({ part_bytes: partBytes, sha256: [hex, hex] }),
  });
  expect(await ask({ [path]: good })).toEqual({ partBytes, hex: [hex, hex] });
  expect(await ask({ [path]: good, [MANIFEST]: () => ({ ...offered(), headers: {} }) })).toBeNull();
  expect(await ask({ [path]: () => ({ ...good(), status: 503 }) })).toBe("later");
  expect(await ask({ [path]: () => ({ status: 200, body: Buffer.alloc(2_000_000) }) })).toBeNull();
  expect(await ask({})).toBeNull();
});

test("Ollama's registry is the same protocol under its own name", async () => {
  const docker = "application/vnd.docker.distribution.manifest.v2+json";
  const manifest = JSON.stringify({ ...JSON.parse(image.manifest.bytes.toString()), mediaType: docker });
  const server = await httpScript(({ target, headers }) =>
    target === "/v2/library/qwen/manifests/0.5b" && headers["accept"]?.includes(docker) === true
      ? { status: 200, headers: { "content-type": docker }, body: manifest }
      : { status: 404 },
  );
  const remote = ollamaRemote(deps(), { name: "qwen", tag: "0.5b", baseUrl: new URL(server.url) });
  expect(remote.tag).toEqual({ host: "registry.ollama.ai", namespace: "library", name: "qwen", tag: "0.5b" });
  expect(await remote.resolve(signal)).toMatchObject({ kind: "image" });
  expect(ollamaRemote(deps(), { name: "qwen", tag: "0.5b" }).name).toBe("registry.ollama.ai/library/qwen");
});

test("a name that cannot be one is refused before anything is asked", () => {
  const usage = expect.objectContaining({ kind: "usage" }) as Error;
  for (const reference of ["", "a/b", "-x", "sha256:abc", "x".repeat(129), "a?b"]) {
    expect(() => remoteAt("h.test", reference), reference).toThrow(usage);
  }
});
