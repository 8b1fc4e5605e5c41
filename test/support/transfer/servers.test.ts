import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { needs } from "../needs.ts";
import { tempDir } from "../temp.ts";
import type { Fault } from "./faulty/types.ts";
import { imageOf, imagePaths, modelOf } from "./model.ts";
import { run } from "./run.ts";
import { bearerRegistry, faultyServer, nginxServer, registryServer } from "./scoped.ts";
import { digestBySkopeo, pushWithSkopeo, skopeo } from "./skopeo.ts";

// The servers of the transfer tests, seen by curl and skopeo: what they are said to do, they do.

const MODEL = modelOf(300_000);
const IMAGE = imageOf(MODEL);
const FILE = "/files/tiny.gguf";
const SIZE = MODEL.bytes.length;

test("nginx gives ranges with an ETag, and can be killed and started again", async (context) => {
  needs(context, "nginx", "setpriv", "curl");
  const root = tempDir();
  writeFileSync(`${root}/m.gguf`, MODEL.bytes);
  const server = await nginxServer(root);
  const { stdout } = await run(["curl", "-sD-", "-o/dev/null", "-r", "5-9", `${server.url}/m.gguf`]);
  expect(stdout).toMatch(/^HTTP\/1.1 206 .*\r\n[^]*content-range: bytes 5-9\/\d+\r\n/i);
  expect(stdout.toLowerCase()).toContain("etag: ");
  await server.kill();
  expect((await run(["curl", "-s", `${server.url}/m.gguf`])).code).toBe(7);
  const again = await nginxServer(root, { port: server.port });
  expect((await run(["curl", "-sf", "-o/dev/null", `${again.url}/m.gguf`])).code).toBe(0);
});

test("a real registry, open or with a password, takes an image from skopeo", async (context) => {
  needs(context, "docker-registry", "setpriv", "htpasswd", "skopeo");
  const open = await registryServer();
  await pushWithSkopeo(IMAGE, `${open.host}/lib/tiny:a`);
  expect(await digestBySkopeo(`${open.host}/lib/tiny:a`)).toBe(IMAGE.manifest.digest);
  const closed = await registryServer({ kind: "basic", user: "me", password: "secret" });
  await expect(pushWithSkopeo(IMAGE, `${closed.host}/lib/tiny:a`)).rejects.toThrow();
  await pushWithSkopeo(IMAGE, `${closed.host}/lib/tiny:a`, "me:secret");
  expect(await digestBySkopeo(`${closed.host}/lib/tiny:a`, "me:secret")).toBe(IMAGE.manifest.digest);
});

test("a real registry with bearer tokens lets anybody pull and one user push", async (context) => {
  needs(context, "docker-registry", "setpriv", "openssl", "skopeo");
  const { registry, tokens } = await bearerRegistry({ user: "me", password: "secret", anonymousPull: true });
  await expect(pushWithSkopeo(IMAGE, `${registry.host}/lib/tiny:a`)).rejects.toThrow();
  await pushWithSkopeo(IMAGE, `${registry.host}/lib/tiny:a`, "me:secret");
  expect(await digestBySkopeo(`${registry.host}/lib/tiny:a`)).toBe(IMAGE.manifest.digest);
  expect(tokens.given.map(({ who }) => who)).toContain("anonymous");
});

test("without faults the scripted server is an honest registry", async (context) => {
  needs(context, "skopeo");
  const server = await faultyServer({ content: imagePaths(IMAGE, "lib/tiny", "a") });
  const folder = tempDir();
  await skopeo(["copy", "--src-tls-verify=false", `docker://${server.host}/lib/tiny:a`, `oci:${folder}:a`]);
  expect(server.hits()).toBe(0);
  expect(server.sentBytes(MODEL.digest)).toBe(SIZE);
});

/** A fault, curl's flags, and what curl must say: its exit code and the status. */
const SEEN_BY_CURL: readonly (readonly [string, Fault, readonly string[], number, RegExp])[] = [
  ["cut", { to: "ranges", does: { kind: "cut", afterBytes: 10 } }, ["-r", "0-99"], 56, /206 10$/],
  ["short", { to: "content", does: { kind: "short", missingBytes: 5 } }, [], 18, /200 \d+$/],
  ["stall", { to: "content", does: { kind: "stall", afterBytes: 9 } }, ["-m1"], 28, /200 9$/],
  ["drip", { to: "content", does: { kind: "drip", bytes: 1, everyMs: 200 } }, ["-m1"], 28, /200 [3-7]$/],
  ["wrong length", { to: "content", does: { kind: "wrong-length", byBytes: 7 } }, [], 18, /200 \d+$/],
  ["wrong range", { to: "ranges", does: { kind: "wrong-range", byBytes: 4 } }, ["-r", "0-9"], 0, /206 10$/],
  ["no ranges", { to: "content", does: { kind: "no-ranges" } }, ["-r", "0-9"], 0, new RegExp(`200 ${SIZE}$`)],
  ["status", { to: "any", does: { kind: "status", status: 429, retryAfter: "1" } }, ["-f"], 22, /429/],
  ["redirect loop", { to: "any", does: { kind: "redirect-loop" } }, ["-L", "--max-redirs", "5"], 47, /302/],
  ["no head", { to: "any", does: { kind: "no-head" } }, [], 52, /000 0$/],
  ["garbage", { to: "any", does: { kind: "garbage" } }, [], 1, /000 0$/],
  ["endless headers", { to: "any", does: { kind: "endless-headers" } }, [], 56, /200/],
  ["endless body", { to: "any", does: { kind: "endless-body" } }, ["-m1"], 28, /200 \d{6,}$/],
  ["gzip", { to: "content", does: { kind: "gzip" } }, ["--compressed"], 0, new RegExp(`200 \\d+$`)],
];

test.each(SEEN_BY_CURL)("curl sees the fault: %s", async (_name, fault, flags, code, said) => {
  const server = await faultyServer({ content: { [FILE]: { bytes: MODEL.bytes } }, faults: [fault] });
  const out = ["-s", "-o", "/dev/null", "-w", "%{http_code} %{size_download}"];
  const result = await run(["curl", ...out, ...flags, `${server.url}${FILE}`]);
  expect([result.code, result.stdout]).toEqual([code, expect.stringMatching(said)]);
  expect(server.hits()).toBeGreaterThan(0);
});

test("each chunk fails once, a wrong byte lies in one chunk only, and another content has another ETag", async () => {
  const server = await faultyServer({
    content: { [FILE]: { bytes: MODEL.bytes } },
    faults: [{ to: "ranges", oncePerRange: true, does: { kind: "status", status: 503 } }],
  });
  const get = (range: string): Promise<Response> => fetch(`${server.url}${FILE}`, { headers: { range } });
  const statuses: number[] = [];
  for (const range of ["bytes=0-9", "bytes=0-9", "bytes=10-19", "bytes=10-19"]) {
    statuses.push((await get(range)).status);
  }
  expect(statuses).toEqual([503, 206, 503, 206]);
  server.script([{ to: "ranges", does: { kind: "wrong-byte", at: 15 } }]);
  const part = async (range: string): Promise<Buffer> => Buffer.from(await (await get(range)).arrayBuffer());
  expect(await part("bytes=0-9")).toEqual(MODEL.bytes.subarray(0, 10));
  expect(await part("bytes=10-19")).not.toEqual(MODEL.bytes.subarray(10, 20));
  server.script([{ to: "ranges", from: 2, times: 1, does: { kind: "changed", bytes: Buffer.alloc(50) } }]);
  const etags: (string | null)[] = [];
  for (let turn = 0; turn < 3; turn++) etags.push((await get("bytes=0-9")).headers.get("etag"));
  expect(etags[1]).toBe(etags[2]);
  expect(etags[0]).not.toBe(etags[1]);
});

test("a token is good for so many requests", async (context) => {
  needs(context, "skopeo");
  const content = imagePaths(IMAGE, "lib/tiny", "a");
  const server = await faultyServer({ content, bearer: { requests: 2 } });
  const token = ((await (await fetch(`${server.url}/token`)).json()) as { token: string }).token;
  const get = (): Promise<Response> =>
    fetch(`${server.url}/v2/`, { headers: { authorization: `Bearer ${token}` } });
  expect([(await get()).status, (await get()).status, (await get()).status]).toEqual([200, 200, 401]);
});

test("a throttled server keeps its rate in total", async () => {
  const bytes = Buffer.alloc(2_000_000);
  const server = await faultyServer({ content: { [FILE]: { bytes } }, bytesPerSecond: 8_000_000 });
  const startMs = performance.now();
  const read = async (): Promise<number> => (await (await fetch(server.url + FILE)).arrayBuffer()).byteLength;
  await Promise.all([read(), read()]);
  const seconds = (performance.now() - startMs) / 1000;
  expect(seconds).toBeGreaterThan(0.45);
  expect(seconds).toBeLessThan(1.2);
});
