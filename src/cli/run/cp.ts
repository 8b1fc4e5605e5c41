import { EXIT } from "../../base/errors.ts";
import { copyTag } from "../../store/copy-tag.ts";
import { parseRef } from "../../store/ref.ts";
import type { Run } from "../context.ts";
import type { StoreFlags } from "../store/store-flags.ts";
import { existingStore, stoppable } from "../store/open.ts";

export interface CpFlags extends StoreFlags {}

export const run: Run<CpFlags, [string, string]> = async (context, flags, src, dst) => {
  const [source, target] = [parseRef(src), parseRef(dst)];
  const store = await existingStore(context, flags);
  const copied = await stoppable((signal) => copyTag(store, source, target, { signal }));
  const document = { source: copied.source, tag: copied.tag, blobs: copied.digests, bytes_copied: 0 };
  context.out(
    flags.json ? `${JSON.stringify(document)}\n` : `  ${copied.source} → ${copied.tag}, no byte copied\n`,
  );
  return EXIT.ok;
};
