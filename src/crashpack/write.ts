import { basename, dirname, join } from "node:path";
import { systemCode } from "../base/errors.ts";
import { journalDigestText, sumsText } from "./digest-text.ts";
import { CrashpackError } from "./errors.ts";
import { journalText } from "./journal-text.ts";
import { ledgerText, packLedger } from "./ledger-text.ts";
import { MAX_PACK_BYTES, MAX_TEXT_BYTES } from "./limits.ts";
import { manifestText } from "./manifest-text.ts";
import { JOURNAL, JOURNAL_DIGEST, LEDGER, MANIFEST, SCRIPT, SUMS } from "./names.ts";
import { replayScript } from "./replay-script.ts";
import { FileSink } from "./sink.ts";
import type { PackContents, PackFacts, PackWorld } from "./types.ts";
import { writeTrace } from "./write-trace.ts";

/** Where the pack goes: to a path, or into a folder under a name made from the digest of its SHA256SUMS. */
export type Place = { readonly at: string } | { readonly in: string; readonly name: (hex: string) => string };

export interface Written {
  readonly path: string;
  /** SHA-256 of the pack's SHA256SUMS, in lower-case hex: it stands for the whole pack. */
  readonly hex: string;
  /** False when the same pack was there already, which only a name made from its digest allows. */
  readonly created: boolean;
}

/** The texts that are made from the facts alone, by name; with the digest of the journal. */
function packTexts(facts: PackFacts, { hash }: Pick<PackWorld, "hash">): ReadonlyMap<string, string> {
  const journal = journalText(facts.oracle_results);
  const hasher = hash.sha256();
  hasher.update(journal);
  const hex = hasher.hex();
  const violations = facts.oracle_results.reduce((sum, result) => sum + result.violations.length, 0);
  return new Map([
    [JOURNAL, journal],
    [JOURNAL_DIGEST, journalDigestText(hex, Buffer.byteLength(journal))],
    [LEDGER, ledgerText(packLedger(facts))],
    [MANIFEST, manifestText({ ...facts, violations, journal_digest: `sha256:${hex}` })],
    [SCRIPT, replayScript(facts)],
  ]);
}

/** Writes a pack: see `AtpCrashpack.emitAtpTrace`. */
export async function writePack(world: PackWorld, pack: PackContents, place: Place): Promise<Written> {
  const { files } = world;
  const missing = pack.artifact_paths.find((path) => !pack.contents.has(path));
  if (missing !== undefined) {
    throw new CrashpackError("no-content", `the artifact ${JSON.stringify(missing)} has no content`, [
      missing,
    ]);
  }
  const target = "at" in place ? withoutSlash(place.at) : null;
  const parent = target === null ? withoutSlash("in" in place ? place.in : "") : dirname(target);
  if (target !== null && (await files.facts(target)) !== null) throw alreadyThere(target);
  await files.makeFolder(parent);
  const temporary = await files.makeTempFolder(join(parent, `.${basename(target ?? "pack")}.`));
  try {
    const hex = await writeFiles(world, pack, temporary);
    const path = target ?? join(parent, "name" in place ? place.name(hex) : "");
    if (target === null && (await files.facts(path)) !== null) return { path, hex, created: false };
    await rename(world, temporary, path);
    await files.syncFolder(parent);
    return { path, hex, created: true };
  } finally {
    // After the renaming there is nothing left of it.
    await files.remove(temporary);
  }
}

async function writeFiles(world: PackWorld, pack: PackContents, folder: string): Promise<string> {
  const contentBytes = [...pack.contents.values()].reduce((sum, each) => sum + Buffer.byteLength(each), 0);
  if (contentBytes > MAX_PACK_BYTES / 2) {
    throw new CrashpackError("too-large", `${contentBytes} bytes of further files are too many for a pack`);
  }
  const sums = new Map<string, string>();
  for (const [name, text] of packTexts(pack, world)) {
    sums.set(name, await writeOne(world, join(folder, name), text, name === SCRIPT ? 0o755 : 0o644));
  }
  const folders = new Set<string>([folder]);
  for (const name of pack.artifact_paths) {
    await makeFoldersOf(world, folder, name, folders);
    sums.set(name, await writeOne(world, join(folder, name), pack.contents.get(name) ?? "", 0o644));
  }
  for (const [name, hex] of await writeTrace(world, folder, pack.trace_events)) sums.set(name, hex);
  const hex = await writeOne(world, join(folder, SUMS), sumsText(sums), 0o644);
  for (const each of folders) await world.files.syncFolder(each);
  return hex;
}

async function makeFoldersOf(
  { files }: PackWorld,
  folder: string,
  name: string,
  made: Set<string>,
): Promise<void> {
  let path = folder;
  for (const part of name.split("/").slice(0, -1)) {
    path = join(path, part);
    if (made.has(path)) continue;
    await files.makeOneFolder(path);
    made.add(path);
  }
}

async function writeOne(
  world: PackWorld,
  path: string,
  content: string | Uint8Array,
  mode: number,
): Promise<string> {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  if (bytes.length > MAX_TEXT_BYTES) {
    const name = basename(path);
    throw new CrashpackError("too-large", `${name} would be larger than ${MAX_TEXT_BYTES} bytes`, [name]);
  }
  const sink = await FileSink.open(world, path, mode);
  try {
    await sink.write(bytes);
    return await sink.end();
  } finally {
    await sink.abandon();
  }
}

/** A folder takes the name only when nothing is there, or an empty folder that came meanwhile. */
async function rename({ files }: PackWorld, from: string, to: string): Promise<void> {
  try {
    await files.rename(from, to);
  } catch (error) {
    if (["ENOTEMPTY", "EEXIST", "ENOTDIR"].includes(systemCode(error) ?? "")) throw alreadyThere(to);
    throw error;
  }
}

function alreadyThere(path: string): CrashpackError {
  return new CrashpackError("exists", `${path} is there already`, [], "a pack is never written over");
}

function withoutSlash(path: string): string {
  return path.replace(/(?<=.)\/+$/, "");
}
