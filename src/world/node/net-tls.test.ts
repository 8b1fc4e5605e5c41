import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import { needs } from "../../../test/support/needs.ts";
import { failureOf, get } from "../../../test/support/net.ts";
import { tempDir } from "../../../test/support/temp.ts";
import type { ListenOptions } from "../net.ts";
import { nodeNet } from "./net.ts";

interface Certificate {
  readonly path: string;
  readonly tls: NonNullable<ListenOptions["tls"]>;
}

function certificate(context: TestContext, name: string): Certificate {
  needs(context, "openssl");
  const folder = tempDir();
  const [key, path] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  execFileSync(
    "openssl",
    [
      ...[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
      ],
      ...["-subj", "/CN=apr test", "-addext", `subjectAltName=${name}`, "-keyout", key, "-out", path],
    ],
    { stdio: "ignore" },
  );
  return { path, tls: { certificate: readFileSync(path), key: readFileSync(key) } };
}

async function tlsServer({ tls }: Certificate): Promise<string> {
  const options = {
    host: "127.0.0.1",
    port: 0,
    tls,
    maxConnections: 10,
    headTimeoutMs: 2000,
    idleTimeoutMs: 2000,
  };
  const listener = await nodeNet.listen(options, () =>
    Promise.resolve({ status: 200, headers: {}, body: { kind: "bytes", bytes: Buffer.from("safe") } }),
  );
  onTestFinished(() => listener.close(0));
  return `https://127.0.0.1:${listener.port}`;
}

/** Asks in a process of its own: Node reads NODE_EXTRA_CA_CERTS when it starts. */
async function askElsewhere(url: string, trusted: string): Promise<string> {
  const folder = tempDir();
  const entry = join(folder, "ask.ts");
  const program = join(folder, "ask.mjs");
  writeFileSync(
    entry,
    `import { nodeNet } from ${JSON.stringify(join(import.meta.dirname, "net.ts"))};
    const request = { method: "GET", url: process.argv[2], headers: {}, connectTimeoutMs: 5000, headTimeoutMs: 5000, idleTimeoutMs: 5000 };
    nodeNet.request(request, 100).then(
      (answer) => console.log(answer.status, Buffer.from(answer.body).toString()),
      (error) => console.log(error.failure),
    ).finally(() => nodeNet.close());`,
  );
  await build({
    entryPoints: [entry],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    banner: {
      js: `import { createRequire as make } from "node:module"; const require = make(import.meta.url);`,
    },
    logLevel: "silent",
  });
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: trusted };
  const child = spawn(process.execPath, [program, url], { env, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  const hear = (data: Buffer): void => {
    text += data.toString();
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  await new Promise((resolve) => child.on("close", resolve));
  return text.trim();
}

test("a certificate that nobody vouches for is refused", async (context) => {
  const origin = await tlsServer(certificate(context, "IP:127.0.0.1"));
  const error = await failureOf(nodeNet.request(get(`${origin}/secret`), 100));
  expect(error).toMatchObject({ name: "NetError", failure: "tls" });
  expect(error.message).toContain("DEPTH_ZERO_SELF_SIGNED_CERT");
  expect(error.message).not.toContain("secret");
});

test("NODE_EXTRA_CA_CERTS vouches; nothing is printed beside the answer", async (context) => {
  const certified = certificate(context, "IP:127.0.0.1");
  const origin = await tlsServer(certified);
  expect(await askElsewhere(origin, certified.path)).toBe("200 safe");
});

test("a certificate for another name is refused", async (context) => {
  const certified = certificate(context, "DNS:other.example");
  const origin = await tlsServer(certified);
  expect(await askElsewhere(origin, certified.path)).toBe("tls");
});
