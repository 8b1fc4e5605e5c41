import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { needs } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";
import { imageOf, imagePaths, modelOf } from "./support/transfer/model.ts";
import { bearerRegistry, faultyServer, nginxServer, registryServer } from "./support/transfer/scoped.ts";
import { aprServe } from "./support/transfer/serve.ts";
import { digestBySkopeo, pushWithSkopeo, skopeo } from "./support/transfer/skopeo.ts";
import { type Stage, stage } from "./support/transfer/stage.ts";
import { hexOfFile } from "./support/transfer/visible.ts";

// apr, skopeo, nginx and a real registry move the same model, and agree on every digest.

const MIB = 1024 * 1024;
const MODEL = modelOf(9 * MIB);
const IMAGE = imageOf(MODEL);
const ME = { user: "me", password: "s3cret" };
const CREDENTIALS = "me:s3cret";
const LIMIT_MS = 100_000;
const AS = ["--plain-http", "--as", "t:a"];

test("pull from a real registry keeps the manifest byte for byte", { timeout: LIMIT_MS }, async (context) => {
  needs(context, "docker-registry", "setpriv", "skopeo");
  const registry = await registryServer();
  await pushWithSkopeo(IMAGE, `${registry.host}/lib/tiny:a`);
  const at = stage();
  const pulled = at.expectModel(await at.pull(`${registry.host}/lib/tiny:a`, AS), MODEL);
  expect(pulled.digest).toBe(IMAGE.manifest.digest);
  expect([pulled.fetched, pulled.resumed, pulled.known]).toEqual([IMAGE.sizeBytes, 0, 0]);
  const [manifest = ""] = at.visible().tags;
  expect(hexOfFile(`${at.store}/manifests/${manifest}`)).toBe(IMAGE.manifest.hex);
  // By digest, under another tag: every blob is known by now.
  const byDigest = await at.pull(`${registry.host}/lib/tiny@${IMAGE.manifest.digest}`, [
    "--plain-http",
    "--as",
    "t:b",
  ]);
  expect(byDigest.code, byDigest.stderr).toBe(0);
  expect(byDigest.json()).toMatchObject({ fetched: 0, known: IMAGE.sizeBytes });
});

test("a registry with a password: pull and push with Docker's file, refused without", {
  timeout: LIMIT_MS,
}, async (context) => {
  needs(context, "docker-registry", "setpriv", "htpasswd", "skopeo");
  const registry = await registryServer({ kind: "basic", ...ME });
  await pushWithSkopeo(IMAGE, `${registry.host}/lib/tiny:a`, CREDENTIALS);
  const at = stage();
  const refused = await at.pull(`${registry.host}/lib/tiny:a`, AS);
  expect(refused.code).toBe(10);
  expect(refused.stderr).toContain("401");
  at.expectNothing();
  logIn(at, registry.host);
  at.expectModel(await at.pull(`${registry.host}/lib/tiny:a`, AS), MODEL);
  await push(at, `${registry.host}/other/tiny:b`);
  expect(await digestBySkopeo(`${registry.host}/other/tiny:b`, CREDENTIALS)).toBe(IMAGE.manifest.digest);
});

test("a registry with bearer tokens: anybody pulls, one user pushes", {
  timeout: LIMIT_MS,
}, async (context) => {
  needs(context, "docker-registry", "setpriv", "openssl", "skopeo");
  const { registry, tokens } = await bearerRegistry({ ...ME, anonymousPull: true });
  await pushWithSkopeo(IMAGE, `${registry.host}/lib/tiny:a`, CREDENTIALS);
  const at = stage();
  at.expectModel(await at.pull(`${registry.host}/lib/tiny:a`, AS), MODEL);
  const refused = await at.run(["push", "t:a", `${registry.host}/lib/tiny:b`, "--plain-http", "--json"]);
  expect(refused.code).toBe(10);
  logIn(at, registry.host);
  await push(at, `${registry.host}/lib/tiny:b`);
  expect(await digestBySkopeo(`${registry.host}/lib/tiny:b`)).toBe(IMAGE.manifest.digest);
  expect(tokens.given.some(({ who, scope }) => who === ME.user && scope.includes("push"))).toBe(true);
});

test("push to a real registry, where blobs of another repository are mounted", {
  timeout: LIMIT_MS,
}, async (context) => {
  needs(context, "docker-registry", "setpriv", "skopeo");
  const registry = await registryServer();
  const at = stage();
  writeFileSync(`${at.folder}/m.gguf`, MODEL.bytes);
  expect((await at.run(["import", `${at.folder}/m.gguf`, "--as", "t:a"])).code).toBe(0);
  const first = await push(at, `${registry.host}/one/tiny:a`);
  expect(first).toMatchObject({ sent: first.size, mounted: 0, skipped: 0 });
  const second = await push(at, `${registry.host}/two/tiny:a`, ["--mount-from", "one/tiny"]);
  expect(second).toMatchObject({ sent: 0, mounted: first.size });
  const third = await push(at, `${registry.host}/two/tiny:b`);
  expect(third).toMatchObject({ sent: 0, mounted: 0, skipped: first.size });
  const digest = await digestBySkopeo(`${registry.host}/two/tiny:a`);
  expect(await digestBySkopeo(`${registry.host}/one/tiny:a`)).toBe(digest);
  const other = stage();
  const pulled = other.expectModel(await other.pull(`${registry.host}/two/tiny:a`, AS), MODEL);
  expect(pulled.digest).toBe(digest);
});

test("skopeo and apr pull from apr serve what apr imported", { timeout: LIMIT_MS }, async (context) => {
  needs(context, "skopeo");
  const at = stage();
  writeFileSync(`${at.folder}/m.gguf`, MODEL.bytes);
  expect((await at.run(["import", `${at.folder}/m.gguf`, "--as", "tiny:a"])).code).toBe(0);
  const host = await aprServe(at);
  const folder = tempDir();
  const digest = await digestBySkopeo(`${host}/library/tiny:a`);
  await skopeo(["copy", "--src-tls-verify=false", `docker://${host}/library/tiny:a`, `oci:${folder}:a`]);
  const index = JSON.parse(readFileSync(`${folder}/index.json`, "utf8")) as {
    manifests: { digest: string }[];
  };
  expect(index.manifests.map((each) => each.digest)).toEqual([digest]);
  expect(hexOfFile(`${folder}/blobs/sha256/${MODEL.hex}`)).toBe(MODEL.hex);
  const other = stage();
  const pulled = other.expectModel(await other.pull(`${host}/library/tiny:a`, AS), MODEL);
  expect(pulled.digest).toBe(digest);
});

test("apr serve as a second source repairs one bad chunk alone", { timeout: LIMIT_MS }, async () => {
  const at = stage();
  writeFileSync(`${at.folder}/m.gguf`, MODEL.bytes);
  expect((await at.run(["import", `${at.folder}/m.gguf`, "--as", "tiny:a"])).code).toBe(0);
  const host = await aprServe(at);
  const liar = await faultyServer({
    content: imagePaths(IMAGE, "lib/tiny", "a"),
    faults: [{ to: "content", path: MODEL.digest, does: { kind: "wrong-byte", at: 5 * MIB } }],
  });
  const other = stage();
  const flags = [...AS, "--from", `${liar.host}/lib/tiny:a`];
  const pulled = other.expectModel(await other.pull(`${host}/library/tiny:a`, flags), MODEL);
  expect(pulled.fetched).toBeLessThanOrEqual(pulled.size + 2 * 2 * MIB);
});

test("a file from nginx, with its digest and without", { timeout: LIMIT_MS }, async (context) => {
  needs(context, "nginx", "setpriv");
  const root = tempDir();
  writeFileSync(`${root}/tiny.gguf`, MODEL.bytes);
  const server = await nginxServer(root);
  for (const fragment of ["", `#sha256=${MODEL.hex}`]) {
    const at = stage();
    const result = await at.pull(`${server.url}/tiny.gguf${fragment}`, ["--as", "t:a"]);
    expect(at.expectModel(result, MODEL).fetched).toBe(MODEL.bytes.length);
    const shown = await at.run(["show", "t:a", "--json"]);
    expect(JSON.stringify(shown.json())).toContain("llama");
  }
  const missing = await stage().pull(`${server.url}/nothing.gguf`, ["--as", "t:a"]);
  expect(missing.code).toBe(3);
});

test("a tag that is there is not replaced without --force", { timeout: LIMIT_MS }, async () => {
  const other = modelOf(3 * MIB, "other");
  const server = await faultyServer({ content: { "/a.gguf": { bytes: MODEL.bytes }, "/b.gguf": other } });
  const at = stage();
  at.expectModel(await at.pull(`${server.url}/a.gguf`, ["--as", "t:a"]), MODEL);
  const before = server.sentBytes();
  const again = await at.pull(`${server.url}/a.gguf`, ["--as", "t:a"]);
  expect([0, 5]).toContain(again.code);
  const refused = await at.pull(`${server.url}/b.gguf`, ["--as", "t:a"]);
  expect(refused.code).toBe(5);
  expect(server.sentBytes("/b.gguf")).toBe(0);
  expect(server.sentBytes()).toBeLessThanOrEqual(2 * before);
  at.expectOnly(MODEL);
  expect((await at.pull(`${server.url}/b.gguf`, ["--as", "t:a", "--force"])).code).toBe(0);
  expect(at.visible()).toMatchObject({ tags: [expect.stringContaining("t/a")], wrong: [] });
});

function logIn(at: Stage, host: string): void {
  mkdirSync(`${at.folder}/.docker`);
  const auths = { [host]: { auth: Buffer.from(CREDENTIALS).toString("base64") } };
  writeFileSync(`${at.folder}/.docker/config.json`, JSON.stringify({ auths }));
}

interface PushDocument {
  readonly size: number;
  readonly sent: number;
  readonly mounted: number;
  readonly skipped: number;
}

async function push(at: Stage, to: string, flags: readonly string[] = []): Promise<PushDocument> {
  const result = await at.run(["push", "t:a", to, "--plain-http", "--json", ...flags]);
  expect(result.code, result.stderr).toBe(0);
  return result.json() as PushDocument;
}
