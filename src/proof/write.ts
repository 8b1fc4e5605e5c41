import { basename, dirname, join } from "node:path";
import { systemCode } from "../base/errors.ts";
import type { World } from "../world/world.ts";
import { AgentProofError } from "./errors.ts";
import { proofTexts, REPLAY } from "./texts.ts";
import type { AgentTaskProofBundle } from "./types.ts";

export type ProofWorld = Pick<World, "files" | "hash">;

/** A path, or a folder in which the bundle gets a name made from its content. */
export type ProofPlace = { readonly at: string } | { readonly in: string };

/** Throws AgentProofError `exists` when a bundle cannot go there: to be asked before a long command runs. */
export async function checkPlace({ files }: ProofWorld, place: ProofPlace): Promise<void> {
  if ("at" in place && (await files.facts(place.at)) !== null) throw alreadyThere(place.at);
  await files.makeFolder("at" in place ? dirname(place.at) : place.in);
}

/**
 * Writes a bundle as a folder that is there as a whole or not at all; resolves with its path. Nothing is written over.
 * Throws AgentProofError `exists`.
 */
export async function writeProof(
  world: ProofWorld,
  bundle: AgentTaskProofBundle,
  place: ProofPlace,
): Promise<string> {
  const { files } = world;
  const texts = proofTexts(bundle);
  const path = "at" in place ? place.at : join(place.in, nameOf(world, texts));
  await checkPlace(world, place);
  // The name is made from the content: the same bundle is there already.
  if ("in" in place && (await files.facts(path)) !== null) return path;
  const temporary = await files.makeTempFolder(join(dirname(path), `.${basename(path)}.`));
  try {
    for (const [name, text] of texts) await writeOne(world, join(temporary, name), text, name === REPLAY);
    await files.syncFolder(temporary);
    await rename(world, temporary, path);
    await files.syncFolder(dirname(path));
    return path;
  } finally {
    // After the renaming there is nothing left of it.
    await files.remove(temporary);
  }
}

function nameOf({ hash }: ProofWorld, texts: ReadonlyMap<string, string>): string {
  const hasher = hash.sha256();
  for (const [name, text] of texts) hasher.update(`${name}\0${Buffer.byteLength(text)}\0${text}`);
  return `proof-${hasher.hex().slice(0, 16)}`;
}

async function writeOne({ files }: ProofWorld, path: string, text: string, script: boolean): Promise<void> {
  const file = await files.createNew(path, script ? 0o755 : 0o644);
  try {
    await file.writeAt(Buffer.from(text, "utf8"), 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function rename({ files }: ProofWorld, from: string, to: string): Promise<void> {
  try {
    await files.rename(from, to);
  } catch (error) {
    if (["ENOTEMPTY", "EEXIST", "ENOTDIR"].includes(systemCode(error) ?? "")) throw alreadyThere(to);
    throw error;
  }
}

function alreadyThere(path: string): AgentProofError {
  return new AgentProofError("exists", `${path} is there already`, null, "a proof is never written over");
}
