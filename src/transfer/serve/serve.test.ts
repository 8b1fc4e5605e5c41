import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { get } from "node:https";
import { expect, onTestFinished, test } from "vitest";
import { needs } from "../../../test/support/needs.ts";
import { newStore } from "../../../test/support/store.ts";
import { askPort, newServed, sendRaw } from "../../../test/support/served.ts";
import { begin, newWritable, sha, TOKEN } from "../../../test/support/served-writable.ts";
import { tempDir } from "../../../test/support/temp.ts";
import { nodeNet } from "../../world/node/net.ts";
import { nodeStoreWorld } from "../../world/node/store-world.ts";
import { serve } from "./serve.ts";

test("over TLS a token may be used on any address", async (context) => {
  needs(context, "openssl");
  const folder = tempDir();
  const make = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "2",
  ];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const files = ["-keyout", `${folder}/key.pem`, "-out", `${folder}/cert.pem`];
  execFileSync("openssl", [...make, ...names, ...files], { stdio: "ignore" });
  const tls = { certificate: readFileSync(`${folder}/cert.pem`), key: readFileSync(`${folder}/key.pem`) };
  const { store } = await newStore();
  const world = { ...nodeStoreWorld, net: nodeNet };
  const served = await serve(world, store, { host: "0.0.0.0", tls, readToken: "reader" });
  onTestFinished(() => served.close(0));
  expect(served.url).toBe(`https://0.0.0.0:${served.port}`);
  const status = (headers: Record<string, string>): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      // Not on loopback only: any name will do.
      const options = {
        ca: tls.certificate,
        headers: { host: "models.example", ...headers },
        servername: "",
      };
      get(`https://127.0.0.1:${served.port}/v2/`, options, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on("error", reject);
    });
  expect(await status({})).toBe(401);
  expect(await status({ authorization: "Bearer reader" })).toBe(200);
  const swapped = { certificate: tls.key, key: tls.certificate };
  await expect(serve(world, store, { tls: swapped })).rejects.toMatchObject({ kind: "malformed" });
});

test("a port that is taken, and an address that is not here", async () => {
  const { store, served } = await newServed();
  const world = { ...nodeStoreWorld, net: nodeNet };
  await expect(serve(world, store, { port: served.port })).rejects.toMatchObject({ kind: "io" });
  await expect(serve(world, store, { host: "192.0.2.1" })).rejects.toMatchObject({ kind: "usage" });
  await expect(serve(world, store, { host: "0.0.0.0", readToken: "secret" })).rejects.toMatchObject({
    kind: "usage",
  });
});

test("one request at a time goes on with an upload, and no more room is promised than there is", async () => {
  const at = await newWritable();
  const place = await begin(at);
  const bytes = Buffer.alloc(20_000_000, 1);
  const both = await Promise.all([
    at.send("PATCH", place, { body: bytes }),
    at.send("PATCH", place, { body: bytes }),
  ]);
  const statuses = both.map(({ status }) => status).sort((a, b) => a - b);
  expect([
    [202, 202],
    [202, 409],
  ]).toContainEqual(statuses);
  const full = await newWritable({ limits: { keepFreeBytes: Number.MAX_SAFE_INTEGER } });
  const answer = await full.send("POST", `/v2/m/blobs/uploads/?digest=${sha("x")}`, { body: "x" });
  expect(answer).toMatchObject({ status: 507, code: "DENIED" });
});

test("a body that stands still is cut, and all uploads together have a limit", async () => {
  const at = await newWritable({ limits: { idleTimeoutMs: 300, maxUploadBytes: 10 } });
  const place = await begin(at);
  const head = `PATCH ${place} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n`;
  const answer = await sendRaw(at.served.port, `${head}Content-Length: 9\r\n\r\n12345678`);
  expect(answer).not.toContain("202");
  let range: string | undefined;
  for (let look = 0; look < 100 && range !== "0-7"; look++) {
    range = (await at.send("GET", place)).headers["range"];
  }
  expect(range).toBe("0-7");
  const other = await begin(at);
  expect(await at.send("PATCH", other, { body: "123" })).toMatchObject({ status: 413, code: "SIZE_INVALID" });
  expect(await at.send("PATCH", other, { body: "12" })).toMatchObject({ status: 202 });
  await at.send("DELETE", place);
  expect(await at.send("PATCH", other, { body: "12345678" })).toMatchObject({ status: 202 });
});

test("closing ends unfinished uploads, and then nothing answers", async () => {
  const at = await newWritable();
  const place = await begin(at);
  await at.send("PATCH", place, { body: "half" });
  await at.served.close(100);
  await at.served.close(100);
  await expect(askPort(at.served.port, "GET", "/v2/", {})).rejects.toThrow();
});
