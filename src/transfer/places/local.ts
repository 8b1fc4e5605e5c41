import { resolve } from "node:path";
import { AprError, systemCode } from "../../base/errors.ts";
import type { Remote } from "../remote.ts";
import type { TransferWorld } from "../world.ts";
import { pathTag } from "./path-tag.ts";
import { filesRemote, type LocalPlace } from "./local-files.ts";
import { isLayout, layoutRemote } from "./oci-layout.ts";
import { isStore, storeRemote } from "./other-store.ts";
import type { LayoutReference, PathReference, StoreReference } from "./reference-kinds.ts";

export interface LocalDeps {
  readonly world: TransferWorld;
  /** Where relative paths begin. */
  readonly workingFolder: string;
}

/** A place on this machine. Throws `not-found` when nothing is there. */
export async function localRemote(
  { world, workingFolder }: LocalDeps,
  reference: PathReference | LayoutReference | StoreReference,
): Promise<Remote> {
  const told = resolve(workingFolder, reference.path);
  const real = await realPathOf(world, told);
  const place: LocalPlace = { world, path: real, name: told, tag: reference.defaultTag };
  switch (reference.kind) {
    case "oci-layout":
      return layoutRemote({ ...place, tag: reference.defaultTag ?? pathTag(real), image: reference.tag });
    case "store":
      return storeRemote({ ...place, model: reference.tag });
    case "path":
      return bareRemote(place, told);
  }
}

/** What a path leads to is seen by looking. */
async function bareRemote(place: LocalPlace, told: string): Promise<Remote> {
  const { world, path } = place;
  const isFolder = (await world.files.facts(path))?.kind === "folder";
  // A folder's own name counts, also where it was named by `.` or by a link: import does the same.
  const tag = isFolder ? pathTag(path) : place.tag;
  if (isFolder && (await isLayout(place))) return layoutRemote({ ...place, tag, image: null });
  if (isFolder && (await isStore(place))) return storeRemote({ ...place, tag: null, model: null });
  // Not the resolved path: a link's own name tells which shard of which model it is.
  return filesRemote({ ...place, path: isFolder ? path : told, tag });
}

async function realPathOf(world: TransferWorld, path: string): Promise<string> {
  try {
    return await world.files.realPath(path);
  } catch (error) {
    const code = systemCode(error);
    if (code !== "ENOENT" && code !== "ENOTDIR" && code !== "ELOOP") throw error;
    throw new AprError("not-found", `no such file or folder: ${path}`, { fields: { path }, cause: error });
  }
}
