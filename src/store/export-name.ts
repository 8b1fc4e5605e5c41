import { AprError, systemCode } from "../base/errors.ts";
import type { ExportFormat, PlannedFile } from "./export-plan.ts";
import { parentOf } from "./layout.ts";
import { MAX_FOLDER_ENTRIES } from "./limits.ts";
import type { Store } from "./store.ts";

/** Where an export goes, and what it may replace there. */
export interface Destination {
  readonly out: string;
  readonly force?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** The path that the export will have. Throws before anything is copied where that cannot be. */
export async function targetOf(
  store: Store,
  { out, force }: Destination,
  format: ExportFormat,
  plan: readonly PlannedFile[],
): Promise<string> {
  const { files } = store.world;
  // A folder that is there takes a single file under its own name, as with cp.
  const into = format === "file" && (await kindThrough(store, out)) === "folder";
  const target = into ? `${out}/${plan[0]?.path ?? "model"}` : out;
  if (force === true) await requireReplaceable(store, target, format, plan);
  else if ((await files.facts(target)) !== null) throw outputExists(target);
  const folder = await realOr(store, parentOf(target));
  if ((await files.facts(folder))?.kind !== "folder") {
    throw new AprError("not-found", `no such folder: ${parentOf(target)}`, {
      fields: { path: parentOf(target) },
    });
  }
  for (const place of [folder, await realOr(store, target)]) {
    if (place !== store.root && !place.startsWith(`${store.root}/`)) continue;
    throw new AprError("usage", `the output lies in the store itself: ${target}`, {
      hint: "apr exec gives a program the path of a model without any copy",
      fields: { path: target },
    });
  }
  return target;
}

/** `--force` replaces a file, or a folder of this model's own names. Never a device, never somebody's other files. */
async function requireReplaceable(
  store: Store,
  target: string,
  format: ExportFormat,
  plan: readonly PlannedFile[],
): Promise<void> {
  const kind = await kindThrough(store, target);
  if (kind === null || (kind === "file" && format === "file")) return;
  if (kind === "folder" && format !== "file") {
    const stranger = await findStranger(store, target, "", new Set(plan.map(({ path }) => path)));
    if (stranger === null) return;
    throw new AprError("exists", `the output folder holds other files, such as ${stranger}: ${target}`, {
      hint: "--force replaces a folder only where it holds nothing but this model's files",
      fields: { code: "destination-exists", path: target },
    });
  }
  if (kind === "file") return;
  const what = kind === "folder" ? "a folder" : "neither a file nor a folder";
  throw new AprError("exists", `the output is ${what}: ${target}`, {
    hint: "name another path",
    fields: { code: "destination-exists", path: target },
  });
}

/** The first file or folder that is not one of these; null when there is none. */
async function findStranger(
  store: Store,
  folder: string,
  under: string,
  known: ReadonlySet<string>,
): Promise<string | null> {
  for (const { name, kind } of (await store.world.files.entries(`${folder}/${under}`, MAX_FOLDER_ENTRIES)) ??
    []) {
    const path = `${under}${name}`;
    if (kind !== "folder") {
      if (!known.has(path)) return path;
      continue;
    }
    if (![...known].some((each) => each.startsWith(`${path}/`))) return path;
    const inner = await findStranger(store, folder, `${path}/`, known);
    if (inner !== null) return inner;
  }
  return null;
}

/** What a path leads to; a link that leads nowhere is a file that can be replaced. */
async function kindThrough(store: Store, path: string): Promise<string | null> {
  const { files } = store.world;
  const facts = await files.facts(path);
  if (facts?.kind !== "link") return facts?.kind ?? null;
  return (await files.facts(await realOr(store, path)))?.kind.replace("link", "file") ?? null;
}

async function realOr(store: Store, path: string): Promise<string> {
  return store.world.files.realPath(path).catch(() => path);
}

/** The temporary name stands beside the final one. It is cut so that it fits where that one fits. */
export function tempBeside(out: string, unique: string): string {
  const base = out.slice(out.lastIndexOf("/") + 1);
  return `${parentOf(out)}/.${base.slice(0, 60)}.${unique}.apr-tmp`;
}

/** Gives the finished export its name; without `force` nothing that is there is replaced. */
export async function giveName(
  store: Store,
  temp: string,
  out: string,
  isFile: boolean,
  force: boolean,
): Promise<"new" | "replaced"> {
  const { files } = store.world;
  if (force) return replace(store, temp, out, isFile);
  const outcome = isFile ? await files.link(temp, out) : "unsupported";
  if (outcome === "linked") return "new";
  // Folders, and file systems without hard links: nothing can be replaced but an empty folder.
  if (outcome === "exists" || (await files.facts(out)) !== null) throw outputExists(out);
  try {
    await files.move(temp, out);
  } catch (error) {
    const code = systemCode(error);
    throw code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOTDIR" ? outputExists(out) : error;
  }
  return "new";
}

/** Makes the new name durable. Until then Ctrl-C or an error still take it back; where `replaced`, the old one is gone. */
export async function settle(
  store: Store,
  out: string,
  { replaced, signal }: Pick<Destination, "signal"> & { readonly replaced: boolean },
): Promise<void> {
  try {
    await store.world.files.syncFolder(parentOf(out));
    if (!replaced) signal?.throwIfAborted();
  } catch (error) {
    if (!replaced) await store.world.files.remove(out);
    throw error;
  }
}

async function replace(
  store: Store,
  temp: string,
  out: string,
  isFile: boolean,
): Promise<"new" | "replaced"> {
  const { files } = store.world;
  const before = await files.facts(out);
  if (before === null || (isFile && before.kind !== "folder")) {
    await files.move(temp, out);
    return before === null ? "new" : "replaced";
  }
  if (isFile) throw outputExists(out);
  // A folder cannot be replaced in one step: the old one is set aside until the new one has its name.
  const aside = `${temp}-old`;
  await files.move(out, aside);
  try {
    await files.move(temp, out);
  } catch (error) {
    await files.move(aside, out);
    throw error;
  }
  await files.remove(aside);
  return "replaced";
}

function outputExists(path: string): AprError {
  return new AprError("exists", `the output exists: ${path}`, {
    hint: "use --force to replace it",
    fields: { code: "destination-exists", path },
  });
}
