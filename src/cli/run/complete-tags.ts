import { tagNames } from "../../store/tag-names.ts";
import type { AprContext } from "../context.ts";
import { readableStore } from "../store/open.ts";

/** The store's tags, by their folders alone: no manifest is read. */
export async function completeTags(context: AprContext, partial: string): Promise<readonly string[]> {
  const store = await readableStore(context, { json: false });
  if (store === null) return [];
  return (await tagNames(store)).filter((name) => name.startsWith(partial));
}
