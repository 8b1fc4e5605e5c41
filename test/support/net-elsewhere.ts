import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { onTestFinished, type TestContext } from "vitest";
import type { ListenOptions } from "../../src/world/net.ts";
import { nodeNet } from "../../src/world/node/net.ts";
import { needs } from "./needs.ts";
import { tempDir } from "./temp.ts";

export interface Certificate {
  readonly path: string;
  readonly tls: NonNullable<ListenOptions["tls"]>;
}

/** A fresh certificate that nobody vouches for; `name` such as `IP:127.0.0.1`. */
export function certificate(context: TestContext, name: string): Certificate {
  needs(context, "openssl");
  const folder = tempDir();
  const [key, path] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const says = ["-subj", "/CN=apr test", "-addext", `subjectAltName=${name}`];
  execFileSync("openssl", ["req", "-x509", ...kind, ...says, "-keyout", key, "-out", path], {
    stdio: "ignore",
  });
  return { path, tls: { certificate: readFileSync(path), key: readFileSync(key) } };
}

/** A server that answers `safe`; its port. */
export async function tlsServer({ tls }: Certificate): Promise<number> {
  const limits = { maxConnections: 10, headTimeoutMs: 2000, idleTimeoutMs: 2000 };
  const listener = await nodeNet.listen({ host: "127.0.0.1", port: 0, tls, ...limits }, () =>
    Promise.resolve({ status: 200, headers: {}, body: { kind: "bytes", bytes: Buffer.from("safe") } }),
  );
  onTestFinished(() => listener.close(0));
  return listener.port;
}

export interface Elsewhere {
  readonly env?: Readonly<Record<string, string>>;
  /** How often the URL is asked, one after the other. */
  readonly times?: number;
  /** What runs then, such as a print. */
  readonly after?: string;
}

/** Asks in a process of its own, whose environment and memory are its own; what it printed. */
export async function askElsewhere(url: string, options: Elsewhere): Promise<string> {
  const folder = tempDir();
  const entry = join(folder, "ask.ts");
  const program = join(folder, "ask.mjs");
  const net = join(import.meta.dirname, "../../src/world/node/net.ts");
  writeFileSync(
    entry,
    `import { readFileSync } from "node:fs";
    import { nodeNet } from ${JSON.stringify(net)};
    const request = { method: "GET", url: ${JSON.stringify(url)}, headers: {}, connectTimeoutMs: 5000, headTimeoutMs: 5000, idleTimeoutMs: 5000 };
    for (let left = ${options.times ?? 1}; left > 0; left -= 1) {
      await nodeNet.request(request, 100).then(
        (answer) => console.log(answer.status, Buffer.from(answer.body).toString()),
        (error) => console.log(error.failure),
      );
    }
    ${options.after ?? ""}
    await nodeNet.close();`,
  );
  await build({
    entryPoints: [entry],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "silent",
  });
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const hear = (data: Buffer): void => {
    text += data.toString();
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  await new Promise((resolve) => child.on("close", resolve));
  return text.trim();
}
