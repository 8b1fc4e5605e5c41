import { AprError } from "../../base/errors.ts";
import { formatRef, parseRef, type Ref } from "../../store/ref.ts";
import { readTag } from "../../store/tags.ts";
import { nodeFiles } from "../../world/node/files.ts";
import type { AprContext } from "../context.ts";
import type { StoreFlags } from "../store/store-flags.ts";
import { readableStore } from "../store/open.ts";
import { isThere } from "./path.ts";
import { modelOfTag, type TaggedModel } from "./tag.ts";

/** The model of a tag; null when the word is a file's path: what exists on the disk comes first. */
export async function taggedModel(
  context: AprContext,
  flags: StoreFlags,
  word: string,
): Promise<TaggedModel | null> {
  const ref = tagIn(word);
  if (ref === null || (await isThere(nodeFiles, word))) return null;
  const store = await readableStore(context, flags);
  const there = store === null ? null : await readTag(store, ref);
  if (store !== null && there !== null) return modelOfTag(store, ref);
  throw new AprError("not-found", `${word}: no such file or folder, and no such tag`, {
    hint: "apr ls shows the tags; APR_MODELS or --store names another store",
    fields: { path: word, tag: formatRef(ref) },
  });
}

/** Null for what can only be a path. */
function tagIn(word: string): Ref | null {
  try {
    return parseRef(word);
  } catch {
    return null;
  }
}
