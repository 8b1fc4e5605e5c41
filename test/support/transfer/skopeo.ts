import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mustRun } from "./run.ts";
import { type TestImage, writeLayoutFrame } from "./model.ts";

/** `user:password` for a registry that asks. */
export type Credentials = `${string}:${string}`;

const POLICY = JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] });

/** Runs skopeo with a policy of its own: none need be on the machine. */
export async function skopeo(args: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "apr-skopeo-"));
  try {
    writeFileSync(`${folder}/policy.json`, POLICY);
    return await mustRun(["skopeo", "--policy", `${folder}/policy.json`, ...args], { HOME: folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Pushes an image into a registry without TLS, bytes and digests kept. `to` is `HOST/NAME:TAG`. */
export async function pushWithSkopeo(image: TestImage, to: string, credentials?: Credentials): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "apr-layout-"));
  try {
    writeLayoutFrame(image, folder, "pushed");
    writeFileSync(`${folder}/blobs/sha256/${image.model.hex}`, image.model.bytes);
    const flags = ["--dest-tls-verify=false", "--preserve-digests"];
    if (credentials !== undefined) flags.push("--dest-creds", credentials);
    await skopeo(["copy", ...flags, `oci:${folder}:pushed`, `docker://${to}`]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The digest of the image at `HOST/NAME:TAG`, as skopeo tells it after it has looked into its config. */
export async function digestBySkopeo(from: string, credentials?: Credentials): Promise<string> {
  const flags = ["--tls-verify=false", ...(credentials === undefined ? [] : ["--creds", credentials])];
  const told = JSON.parse(await skopeo(["inspect", ...flags, `docker://${from}`])) as {
    readonly Digest: string;
  };
  return told.Digest;
}
