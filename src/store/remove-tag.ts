import { AprError, systemCode } from "../base/errors.ts";
import { notFound } from "./copy-tag.ts";
import { manifestPath, manifestV2Path, parentOf } from "./layout.ts";
import { formatRef, type Ref } from "./ref.ts";
import type { Store } from "./store.ts";
import { readTag, strangeParent, type TagEntry } from "./tags.ts";
import { withWork } from "./work.ts";

const NO_ROOM: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);

/** Removes a tag, readable or not. Its blobs stay until `collect`. Throws `not-found`. */
export async function removeTag(store: Store, ref: Ref): Promise<void> {
  const entry = await readTag(store, ref);
  if (entry === null) throw notFound(ref);
  const remove = (): Promise<void> => unlinkDurably(store, ref);
  let started = false;
  try {
    // Until the removal is on the medium, a power cut may bring the tag back: its blobs must outlive it.
    await withWork(store, async (work) => {
      if (entry.kind === "tag") await work.name(entry.named);
      started = true;
      await remove();
    });
  } catch (error) {
    // A full disk has no room for a lease, and it is just then that people remove tags.
    if (started || !isNoRoom(error)) throw error;
    await remove();
  }
}

async function unlinkDurably(store: Store, ref: Ref): Promise<void> {
  const { files } = store.world;
  for (const path of [manifestPath(store.root, ref), manifestV2Path(store.root, ref)]) {
    const strange = await strangeParent(store, path);
    if (strange !== null) throw new AprError("malformed", `unsafe store: ${strange}`, { fields: { path } });
    const facts = await files.facts(path);
    if (facts === null) continue;
    if (facts.kind === "folder") {
      throw new AprError("malformed", `a folder lies where a manifest should: ${path}`, {
        hint: "apr removes no folder that it did not make: look into it, and remove it by hand",
        fields: { code: "unreadable-manifest", path },
      });
    }
    await files.unlink(path);
    await syncNearest(store, parentOf(path));
    await removeEmptyParents(store, parentOf(path));
  }
}

/** Name, namespace and host, as far as they are empty. */
async function removeEmptyParents(store: Store, folder: string): Promise<void> {
  let at = folder;
  for (let depth = 0; depth < 3; depth++) {
    if (!(await store.world.files.removeEmptyFolder(at))) return;
    at = parentOf(at);
  }
}

/** The nearest folder that is there: one that somebody has removed meanwhile takes with it what was in it. */
async function syncNearest(store: Store, folder: string): Promise<void> {
  for (let at = folder; at.length >= store.root.length; at = parentOf(at)) {
    try {
      await store.world.files.syncFolder(at);
      return;
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
    }
  }
}

function isNoRoom(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && NO_ROOM.has(String(error.code));
}

/** What removing tags would leave without a name: for `--dry-run`. */
export function freedBy(all: readonly TagEntry[], refs: readonly Ref[]): ReadonlySet<string> {
  const going = new Set(refs.map(formatRef));
  const gone = new Set<string>();
  const kept = new Set<string>();
  for (const entry of all) {
    if (entry.kind !== "tag") continue;
    const target = going.has(formatRef(entry.ref)) ? gone : kept;
    for (const digest of entry.named) target.add(digest);
  }
  return new Set([...gone].filter((digest) => !kept.has(digest)));
}
