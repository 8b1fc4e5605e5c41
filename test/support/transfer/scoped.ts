import { onTestFinished } from "vitest";
import { tempDir } from "../temp.ts";
import { type FaultyOptions, type FaultyServer, startFaulty } from "./faulty/server.ts";
import { type NginxOptions, startNginx } from "./nginx.ts";
import { type RegistryAuth, type RunningRegistry, startRegistry } from "./registry.ts";
import { startTokenServer, type TokenServer } from "./token-server.ts";

// Servers that end with the running test.

export async function faultyServer(options: FaultyOptions): Promise<FaultyServer> {
  const server = await startFaulty(options);
  onTestFinished(() => server.close());
  return server;
}

/** nginx on a folder of files. */
export async function nginxServer(
  root: string,
  options: Partial<NginxOptions> = {},
): Promise<Awaited<ReturnType<typeof startNginx>>> {
  const server = await startNginx({ root, folder: `${tempDir()}/nginx`, ...options });
  onTestFinished(() => server.kill());
  return server;
}

/** A registry; with the folder and port of one that was killed, that one again. */
export async function registryServer(
  auth: RegistryAuth = { kind: "none" },
  folder = `${tempDir()}/registry`,
  port?: number,
): Promise<RunningRegistry> {
  const server = await startRegistry({ folder, auth, ...(port === undefined ? {} : { port }) });
  onTestFinished(() => server.kill());
  return server;
}

/** A registry that wants bearer tokens, and the server that gives them. */
export async function bearerRegistry(options: {
  readonly user: string;
  readonly password: string;
  readonly anonymousPull?: boolean;
}): Promise<{ readonly registry: RunningRegistry; readonly tokens: TokenServer }> {
  const tokens = await startTokenServer({ folder: `${tempDir()}/tokens`, ...options });
  onTestFinished(() => tokens.close());
  const { realm, certificateFile } = tokens;
  return { tokens, registry: await registryServer({ kind: "token", realm, certificateFile }) };
}
