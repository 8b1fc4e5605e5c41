import { AgentProofError } from "../../proof/errors.ts";
import { MAX_KEY_BYTES } from "../../proof/limits.ts";
import type { SignWorld } from "../../proof/sign.ts";
import { nodeSigning } from "../../world/node/sign.ts";
import { nodeStoreWorld } from "../../world/node/store-world.ts";
import type { CommonFlags } from "../context.ts";

export interface KeyFlags extends CommonFlags {
  readonly key: string;
}

export const signWorld: SignWorld = { ...nodeStoreWorld, signing: nodeSigning };

/** A small file with a key. A link is followed: secrets are often mounted as one. */
export async function readKey(path: string): Promise<string> {
  const { files } = nodeStoreWorld;
  const real = await files.realPath(path).catch(() => path);
  const read = await files.readSmall(real, MAX_KEY_BYTES);
  if (read.kind === "absent") throw new AgentProofError("not-found", `no such key: ${path}`);
  if (read.kind === "refused") throw new AgentProofError("bad-key", `${path} is no key: it is ${read.why}`);
  return Buffer.from(read.bytes).toString("utf8");
}

/** The folder itself, when a link leads to it. */
export async function realFolder(path: string): Promise<string> {
  return nodeStoreWorld.files.realPath(path).catch(() => path);
}
