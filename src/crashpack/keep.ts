import { join } from "node:path";
import type { World } from "../world/world.ts";
import { MAX_PACKS_LISTED } from "./limits.ts";
import { MANIFEST, SUMS, TRACE } from "./names.ts";
import type { PackContents, PackWorld } from "./types.ts";
import { type Written, writePack } from "./write.ts";

export interface Retention {
  /** Of the newest, so many stay. */
  readonly count: number;
  /** Older ones go. */
  readonly ageMs: number;
}

/** What the default folder keeps: enough to look back a month, and never a disk full. */
export const DEFAULT_RETENTION: Retention = { count: 50, ageMs: 30 * 24 * 3_600_000 };

export interface KeptPack {
  readonly name: string;
  readonly path: string;
  readonly modifiedNs: bigint;
}

/** Digits of the digest in a pack's name. */
const NAME_DIGITS = 12;

/** No pack that is being written takes so long: an older temporary folder was left by a process that was killed. */
const ABANDONED_MS = 24 * 3_600_000;

const TEMPORARY = /^\.pack\.[A-Za-z0-9]{6}$/;

/**
 * Writes a pack into a folder of packs, under a name made from `label` and its digest: the same failure packed twice
 * is one pack. `label` is letters, digits, `-` and `_`; what else is in it becomes `-`.
 */
export function keepPack(
  world: PackWorld,
  folder: string,
  label: string,
  pack: PackContents,
): Promise<Written> {
  const word = label.replaceAll(/[^A-Za-z0-9_-]+/g, "-").slice(0, 64) || "run";
  return writePack(world, pack, { in: folder, name: (hex) => `${word}-${hex.slice(0, NAME_DIGITS)}` });
}

/** The packs in a folder, the newest first; whether they are sound is not looked at. Null when there is no folder. */
export async function listPacks(
  { files }: Pick<PackWorld, "files">,
  folder: string,
): Promise<readonly KeptPack[] | null> {
  const entries = await files.entries(folder, MAX_PACKS_LISTED);
  if (entries === null) return null;
  const packs: KeptPack[] = [];
  for (const { name, kind } of entries) {
    if (kind !== "folder" || name.startsWith(".")) continue;
    const path = join(folder, name);
    if (!(await looksLikePack(files, path))) continue;
    const facts = await files.facts(path);
    if (facts !== null) packs.push({ name, path, modifiedNs: facts.modifiedNs });
  }
  return packs.sort((a, b) => compare(b.modifiedNs, a.modifiedNs) || (a.name < b.name ? -1 : 1));
}

/**
 * Removes packs beyond the newest `count`, those older than `ageMs`, and what killed processes left behind. Touches
 * nothing that does not look like a pack. Resolves with the paths that it removed.
 */
export async function keepRecent(
  world: PackWorld & Pick<World, "clock">,
  folder: string,
  { count, ageMs }: Retention,
): Promise<readonly string[]> {
  const { clock, files } = world;
  const now = clock.wallMs();
  const isOlder = (modifiedNs: bigint, ms: number): boolean => now - Number(modifiedNs / 1_000_000n) > ms;
  const packs = (await listPacks(world, folder)) ?? [];
  const gone = packs
    .filter(({ modifiedNs }, index) => index >= count || isOlder(modifiedNs, ageMs))
    .map(({ path }) => path);
  for (const { name } of (await files.entries(folder, MAX_PACKS_LISTED)) ?? []) {
    if (!TEMPORARY.test(name)) continue;
    const facts = await files.facts(join(folder, name));
    if (facts !== null && isOlder(facts.modifiedNs, ABANDONED_MS)) gone.push(join(folder, name));
  }
  for (const path of gone) await files.remove(path);
  return gone;
}

async function looksLikePack(files: PackWorld["files"], path: string): Promise<boolean> {
  for (const name of [SUMS, MANIFEST, TRACE]) {
    if ((await files.facts(join(path, name)))?.kind === "file") return true;
  }
  return false;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}
