import { AprError, systemCode } from "../base/errors.ts";
import type { Processes } from "../world/processes.ts";
import type { World } from "../world/world.ts";
import { FOLDERS, MANIFESTS_V2, parentOf } from "./layout.ts";
import { MAX_FOLDER_ENTRIES } from "./limits.ts";

/** What a store needs of the world. */
export interface StoreWorld extends Pick<World, "clock" | "timers" | "files" | "hash" | "random" | "host"> {
  readonly processes: Pick<Processes, "isAlive">;
}

/** An open store. It holds no state: everything is on the disk. */
export interface Store {
  readonly world: StoreWorld;
  /** With every link resolved, so that no later step follows one. */
  readonly root: string;
  /** Folders that were made when it was opened, outermost first. */
  readonly made: readonly string[];
}

const KNOWN: readonly string[] = [...FOLDERS, MANIFESTS_V2];
/** What a new disk, or a desktop that was shown the folder, has in it. */
const HARMLESS: readonly string[] = ["lost+found", ".DS_Store"];

/** Opens a store for reading; null when there is none. Throws `malformed` when a folder of it is something else. */
export async function openStore(world: StoreWorld, path: string): Promise<Store | null> {
  const root = await resolveRoot(world, path);
  if (root === null) return null;
  for (const name of KNOWN) await checkFolder(world, `${root}/${name}`);
  return { world, root, made: [] };
}

/** Opens a store that must be there. Throws `not-found`, and as `openStore` does. */
export async function requireStore(world: StoreWorld, path: string): Promise<Store> {
  const store = await openStore(world, path);
  if (store !== null) return store;
  throw new AprError("not-found", `no model store: ${path}`, {
    hint: "apr import makes one; APR_MODELS or --store names another",
    fields: { path },
  });
}

/** Opens a store and makes what is missing of it. A folder that holds other things only is refused (`exists`). */
export async function openOrMakeStore(world: StoreWorld, path: string): Promise<Store> {
  const made: string[] = [];
  try {
    await makeFolders(world, path, made);
    const root = await resolveRoot(world, path);
    if (root === null) throw new AprError("io", `the store's folder went away: ${path}`);
    // What was made just now holds nothing.
    if (!made.includes(root)) await refuseForeign(world, root);
    for (const name of FOLDERS) {
      if (await world.files.makeOneFolder(`${root}/${name}`)) made.push(`${root}/${name}`);
    }
    for (const name of KNOWN) {
      if (!made.includes(`${root}/${name}`)) await checkFolder(world, `${root}/${name}`);
    }
    // A store that a power cut takes away takes its models with it.
    for (const parent of new Set(made.map(parentOf))) await world.files.syncFolder(parent);
    return { world, root, made };
  } catch (error) {
    await removeMade({ world, made });
    throw error;
  }
}

/** Makes what a store of another program, or one that was taken back by its maker, has not got. */
export async function ensureFolders({ world, root }: Pick<Store, "world" | "root">): Promise<void> {
  for (const name of FOLDERS) await world.files.makeOneFolder(`${root}/${name}`);
}

/** Takes back the folders that were made for work that then failed. Folders in use stay. */
export async function removeMade(store: Pick<Store, "world" | "made">): Promise<void> {
  for (const folder of [...store.made].reverse()) {
    try {
      // The first that is in use shows that somebody else works in this store by now.
      if (!(await store.world.files.removeEmptyFolder(folder))) return;
    } catch {
      // It may stay: an empty folder harms nobody, and the first error is the one to tell.
    }
  }
}

async function makeFolders(world: StoreWorld, path: string, made: string[]): Promise<void> {
  const missing: string[] = [];
  let at = path;
  while (at.length > 1 && (await world.files.facts(at)) === null) {
    missing.unshift(at);
    at = at.slice(0, Math.max(1, at.lastIndexOf("/")));
  }
  for (const folder of missing) if (await world.files.makeOneFolder(folder)) made.push(folder);
}

async function resolveRoot(world: StoreWorld, path: string): Promise<string | null> {
  const facts = await world.files.facts(path);
  if (facts === null) return null;
  const root = await world.files.realPath(path).catch((error: unknown) => {
    throw systemCode(error) === "ENOENT" ? leadsNowhere(path, error) : error;
  });
  if ((root === path ? facts : await world.files.facts(root))?.kind !== "folder") {
    throw new AprError("malformed", `the store is not a folder: ${path}`, { fields: { path } });
  }
  return root;
}

function leadsNowhere(path: string, cause: unknown): AprError {
  return new AprError("not-found", `the store's link leads nowhere: ${path}`, { fields: { path }, cause });
}

/** So that a wrong `APR_MODELS` does not spread folders over somebody's files. */
async function refuseForeign(world: StoreWorld, root: string): Promise<void> {
  const all = (await world.files.entries(root, MAX_FOLDER_ENTRIES)) ?? [];
  const entries = all.filter(({ name }) => !HARMLESS.includes(name));
  if (entries.length === 0 || entries.some(({ name }) => KNOWN.includes(name))) return;
  throw new AprError("exists", `not a model store, and not empty: ${root}`, {
    hint: "APR_MODELS or --store must name a store or a new folder",
    fields: { path: root },
  });
}

/** A link here would take every read and write somewhere else. */
async function checkFolder(world: StoreWorld, path: string): Promise<void> {
  const facts = await world.files.facts(path);
  if (facts === null || facts.kind === "folder") return;
  throw new AprError("malformed", `not a folder of its own: ${path}`, {
    hint: "a store's folders may not be links: link the whole store instead",
    fields: { path },
  });
}
