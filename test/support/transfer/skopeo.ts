import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mustRun } from "./run.ts";
import { blobOf, type TestImage, writeLayoutFrame } from "./model.ts";

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

/**
 * The digest of the manifest that a registry gives for `HOST/NAME:TAG`. The manifest is taken raw: skopeo does not look
 * into an OCI image whose config has Docker's type, which is what Ollama's models have.
 */
export async function digestBySkopeo(from: string, credentials?: Credentials): Promise<string> {
  const flags = ["--tls-verify=false", ...(credentials === undefined ? [] : ["--creds", credentials])];
  return blobOf(Buffer.from(await skopeo(["inspect", "--raw", ...flags, `docker://${from}`]))).digest;
}
