import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { findProgram } from "../needs.ts";
import { freePort, type RunningServer, startServer } from "./program.ts";

export type RegistryAuth =
  | { readonly kind: "none" }
  | { readonly kind: "basic"; readonly user: string; readonly password: string }
  /** Bearer tokens of a server whose certificate it trusts: token-server.ts. */
  | { readonly kind: "token"; readonly realm: string; readonly certificateFile: string };

export interface RegistryOptions {
  /** For its configuration, log and blobs; made when it is not there, and kept when it is started again. */
  readonly folder: string;
  readonly auth?: RegistryAuth;
  readonly port?: number;
}

/** What tokens are for and whom they come from. */
const SERVICE = "apr-test-registry";
export const ISSUER = "apr-test-issuer";

export interface RunningRegistry extends RunningServer {
  /** As it stands before a name: `127.0.0.1:PORT`. */
  readonly host: string;
  readonly url: string;
}

/** CNCF distribution from Debian's docker-registry, without TLS. */
export async function startRegistry(options: RegistryOptions): Promise<RunningRegistry> {
  const port = options.port ?? (await freePort());
  const { folder, auth = { kind: "none" } } = options;
  mkdirSync(`${folder}/data`, { recursive: true });
  writeFileSync(`${folder}/config.yml`, configuration(folder, port, auth));
  const server = await startServer("docker-registry", ["serve", `${folder}/config.yml`], {
    port,
    logFile: `${folder}/output.log`,
    env: { OTEL_TRACES_EXPORTER: "none" },
  });
  return { ...server, host: `127.0.0.1:${port}`, url: `http://127.0.0.1:${port}` };
}

function configuration(folder: string, port: number, auth: RegistryAuth): string {
  return `version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: ${folder}/data }
  delete: { enabled: true }
http: { addr: "127.0.0.1:${port}", secret: not-a-secret }
${access(folder, auth)}`;
}

function access(folder: string, auth: RegistryAuth): string {
  switch (auth.kind) {
    case "none":
      return "";
    case "basic": {
      const file = `${folder}/htpasswd`;
      const program = findProgram("htpasswd") ?? "htpasswd";
      writeFileSync(file, execFileSync(program, ["-Bbn", auth.user, auth.password]));
      return `auth:\n  htpasswd: { realm: apr-test, path: ${file} }\n`;
    }
    case "token":
      return `auth:
  token: { realm: "${auth.realm}", service: ${SERVICE}, issuer: ${ISSUER}, rootcertbundle: ${auth.certificateFile} }
`;
  }
}
