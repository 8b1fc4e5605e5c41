import { asAprError } from "../../base/errors.ts";
import { DEFAULT_RETENTION } from "../../crashpack/keep.ts";
import type { KeepPlace } from "../../crashpack/of-run.ts";
import { defaultPackFolder } from "../../crashpack/place.ts";
import type { Written } from "../../crashpack/write.ts";
import type { AprContext } from "../context.ts";
import { absolute } from "../store/open.ts";

/** In place of a folder: no packs. */
const OFF = "off";

/** `--crashpack`, else `APR_CRASHPACK`, else the default folder; null where no packs are wanted. */
export function keepPlace({ env }: AprContext, told: string | undefined): KeepPlace | null {
  const wanted = told ?? env["APR_CRASHPACK"] ?? "";
  const own = defaultPackFolder(env);
  const folder = wanted === OFF ? null : wanted === "" ? own : absolute(wanted);
  if (folder === null) return null;
  // Only the folder that is apr's own is ever cleared of old packs.
  return { folder, retention: folder === own ? DEFAULT_RETENTION : null };
}

/**
 * Keeps a pack of a run that failed, and says where on stderr. What cannot be written is said, and hides no other
 * failure. Resolves with its path; null where there is none.
 */
export async function keepRun(
  context: AprContext,
  told: string | undefined,
  keep: (place: KeepPlace) => Promise<Written>,
): Promise<string | null> {
  const place = keepPlace(context, told);
  if (place === null) return null;
  try {
    const { path } = await keep(place);
    context.err(`  crashpack  ${path}\n`);
    return path;
  } catch (thrown) {
    context.err(`apr: no crashpack could be written: ${asAprError(thrown).message}\n`);
    return null;
  }
}
