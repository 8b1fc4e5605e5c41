import { EXIT } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import { findBlob } from "../../store/blobs.ts";
import { notFound } from "../../store/copy-tag.ts";
import { isDigest } from "../../store/digest.ts";
import { formatRef, parseRef, type Ref } from "../../store/ref.ts";
import { freedBy, removeTag } from "../../store/remove-tag.ts";
import type { Store } from "../../store/store.ts";
import { eachTag, readTag, type TagEntry } from "../../store/tags.ts";
import type { Run } from "../context.ts";
import type { StoreFlags } from "../store/store-flags.ts";
import { existingStore } from "../store/open.ts";

export interface RmFlags extends StoreFlags {
  readonly dryRun: boolean;
}

export const run: Run<RmFlags, string[]> = async (context, flags, ...texts) => {
  const refs = [...new Map(texts.map((text) => [formatRef(parseRef(text)), parseRef(text)])).values()];
  const store = await existingStore(context, flags);
  for (const ref of refs) if ((await readTag(store, ref)) === null) throw notFound(ref);
  const freeable = await freeableBytes(store, refs);
  if (!flags.dryRun) for (const ref of refs) await removeTag(store, ref);
  const tags = refs.map(formatRef);
  if (flags.json) {
    context.out(`${JSON.stringify({ removed: tags, dry_run: flags.dryRun, gc_would_free: freeable })}\n`);
  } else {
    const verb = flags.dryRun ? "would remove" : "removed";
    const hint =
      freeable > 0 ? `  apr gc ${flags.dryRun ? "would then free" : "frees"} ${formatBytes(freeable)}\n` : "";
    context.out(`${tags.map((tag) => `  ${verb} ${tag}\n`).join("")}${hint}`);
  }
  return EXIT.ok;
};

/** Bytes that only these tags name. */
async function freeableBytes(store: Store, refs: readonly Ref[]): Promise<number> {
  const all: TagEntry[] = [];
  for await (const entry of eachTag(store)) all.push(entry);
  let bytes = 0;
  for (const digest of freedBy(all, refs)) {
    if (isDigest(digest)) bytes += (await findBlob(store, digest))?.sizeBytes ?? 0;
  }
  return bytes;
}
