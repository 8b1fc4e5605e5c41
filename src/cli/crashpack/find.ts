import { join } from "node:path";
import { AprError } from "../../base/errors.ts";
import { defaultPackFolder } from "../../crashpack/place.ts";
import { nodeFiles } from "../../world/node/files.ts";
import type { AprContext } from "../context.ts";
import { absolute } from "../store/open.ts";

/** The folder where packs are kept, unless another one is told. */
export function packFolder(context: AprContext, told?: string): string {
  if (told !== undefined) return absolute(told);
  const folder = defaultPackFolder(context.env);
  if (folder !== null) return folder;
  throw new AprError("usage", "no home folder to look for packs in", {
    hint: "set XDG_STATE_HOME, or name the folder",
  });
}

/** The path of a pack that was told by its path, or by its name in the default folder. */
export async function packPath(context: AprContext, told: string): Promise<string> {
  const path = absolute(told);
  const plainName = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(told);
  if (!plainName || (await nodeFiles.facts(path)) !== null) return path;
  const folder = defaultPackFolder(context.env);
  const kept = folder === null ? path : join(folder, told);
  return (await nodeFiles.facts(kept)) === null ? path : kept;
}
